"""The grading worker: consumes grading queues only; knows the broker, the sandbox and the data folder, no database."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from celery import Celery
from celery.signals import worker_process_init, worker_ready
from celery.worker import state

from grader import queue
from grader.lifeline import die_with_parent
from grader.settings import Settings, load_settings
from workers.tasks import OpenPipeline, add_grade_task, worker_name

log = logging.getLogger(__name__)

SECRETS = ("GRADER_DATABASE_URL", "GRADER_SECRET_KEY_FILE", "GRADER_METRICS_TOKEN_FILE")
SIGN_OF_LIFE_SECONDS = 5.0
SECONDS_TO_STOP_AT_ONCE = 10.0
SECONDS_TO_OPEN = 120.0
"""How long a worker process may take to open its pipeline; Celery would start another after four."""


def make_worker_app(
    settings: Settings, open_pipeline: OpenPipeline, heartbeat_seconds: float = SIGN_OF_LIFE_SECONDS
) -> Celery:
    """The Celery app with the one task `grade`; `open_pipeline` is called once in each worker process, when it starts."""
    app = queue.make_celery(settings.broker_url, settings.data_dir)
    app.conf.worker_proc_alive_timeout = SECONDS_TO_OPEN
    pipeline = cache(lambda: open_pipeline(settings))
    add_grade_task(app, pipeline, heartbeat_seconds)

    def open_early(**_event: Any) -> None:
        pipeline()

    # What fails here is logged, and tried again at the first job.
    worker_process_init.connect(open_early, weak=False)
    return app


def run_worker(
    app: Celery,
    queues: tuple[str, ...] = queue.LANES,
    loglevel: str = "info",
    heartbeat_seconds: float = SIGN_OF_LIFE_SECONDS,
) -> None:
    """Work until a signal ends it: one job at a time, in a child process that dies with this one."""
    worker_process_init.connect(die_with_parent, weak=False)

    def announce(**_event: Any) -> None:
        bound_cold_shutdown(SECONDS_TO_STOP_AT_ONCE)
        repeat(lambda: say_alive(app, queues), heartbeat_seconds)

    worker_ready.connect(announce, weak=False)
    app.worker_main(
        [
            *("worker", "--pool", "prefork", "--concurrency", "1", "--queues", ",".join(queues)),
            *("--hostname", f"grading-{os.getpid()}@%h", "--loglevel", loglevel),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ]
    )


def worker_settings(environ: Mapping[str, str]) -> Settings:
    """Settings without those that only the control plane may know."""
    return load_settings({name: value for name, value in environ.items() if name not in SECRETS})


def say_alive(app: Celery, queues: tuple[str, ...]) -> None:
    """Tell the control plane that this worker lives, and whether it has a job."""
    busy = bool(state.reserved_requests or state.active_requests)
    queue.send(app, queue.WORKER_SEEN, queue.CONTROL, worker_name(os.getpid()), ",".join(queues), busy)


def bound_cold_shutdown(seconds: float) -> None:
    """Have SIGQUIT end this process after `seconds` at the latest, whatever its handler does; call it in the main thread.

    At its end Celery's pool takes a lock that a child which it has just killed may have held; then it waits for ever.
    """
    cold_shutdown = signal.getsignal(signal.SIGQUIT)

    def stop(number: int, frame: Any) -> None:
        last_resort = threading.Timer(seconds, os._exit, (1,))
        last_resort.daemon = True
        last_resort.start()
        if callable(cold_shutdown):
            cold_shutdown(number, frame)

    signal.signal(signal.SIGQUIT, stop)


def repeat(act: Callable[[], None], every: float) -> threading.Event:
    """Do something now and then in a thread until the event is set; a broker that is away is tried again next time."""
    over = threading.Event()

    def loop() -> None:
        while True:
            try:
                act()
            except Exception:
                log.exception("no sign of life sent")
            if over.wait(every):
                return

    threading.Thread(target=loop, name="signs-of-life", daemon=True).start()
    return over
