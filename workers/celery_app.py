"""The grading worker: consumes grading queues only; knows the broker, the sandbox and the data folder, no database."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from celery import Celery
from celery.signals import worker_process_init, worker_ready, worker_shutting_down

from grader import queue
from grader.lifeline import die_with_parent
from grader.redis_broker import end_where_refused
from grader.settings import Settings, load_settings
from grader.watchdog import WatchLimits, guard, repeat
from workers.begun import open_begun
from workers.signs import Signs
from workers.tasks import Bench, OpenPipeline, add_grade_task

SECRETS = ("GRADER_DATABASE_URL", "GRADER_SECRET_KEY_FILE", "GRADER_METRICS_TOKEN_FILE")
SIGN_OF_LIFE_SECONDS = 5.0
SIGNS = True
"""A worker of this release says the secret of a job in each word about it; of one that does not nothing is believed."""

SECONDS_TO_STOP_AT_ONCE = 10.0
SECONDS_TO_MISS_A_CHILD = 2.0
"""How long a result may be on its way from a child that is dead; until then Celery, by default ten seconds, takes no job."""

SECONDS_TO_OPEN = 120.0
"""How long a worker process may take to open its pipeline; Celery would start another after four."""


@dataclass(frozen=True)
class GradingWorker:
    """A worker that is not started yet: its Celery app, and the page that it shares with the child which grades."""

    app: Celery
    signs: Signs
    heartbeat_seconds: float = SIGN_OF_LIFE_SECONDS


def make_worker(
    settings: Settings, open_pipeline: OpenPipeline, heartbeat_seconds: float = SIGN_OF_LIFE_SECONDS
) -> GradingWorker:
    """A worker with its tasks; `open_pipeline` is called once in each worker process, when it starts."""
    app = queue.make_celery(settings.broker_url, settings.data_dir)
    app.conf.worker_proc_alive_timeout = SECONDS_TO_OPEN
    app.conf.worker_lost_wait = SECONDS_TO_MISS_A_CHILD
    worker = GradingWorker(app, Signs(), heartbeat_seconds)
    pipeline = cache(lambda: open_pipeline(settings))
    folder, begun = settings.data_dir / "grading", open_begun(settings)
    add_grade_task(Bench(app, worker.signs, folder, heartbeat_seconds, begun), pipeline)

    def open_early(**_event: Any) -> None:
        worker.signs.nobody_works()
        pipeline()

    # What fails here is logged, and tried again at the first job.
    worker_process_init.connect(open_early, weak=False)
    return worker


def run_worker(
    worker: GradingWorker,
    queues: tuple[str, ...] = queue.LANES,
    loglevel: str = "info",
    can: Mapping[str, str] | None = None,
    limits: WatchLimits | None = None,
) -> None:
    """Work until a signal ends it: one job at a time, in a child process that dies with this one.

    `can` is the version of each assignment that it has, for the control plane.
    """
    app, name = worker.app, queue.worker_name(os.getpid())
    own = queue.take_apart(app, name, queues)
    end_where_refused(app)
    worker_process_init.connect(die_with_parent, weak=False)
    end_where_deaf = guard(app, worker.signs, own, limits or WatchLimits())
    never_said = [True]

    def look() -> None:
        end_where_deaf()
        say_alive(worker, queues, can, is_first=bool(never_said))
        never_said.clear()

    def announce(**_event: Any) -> None:
        bound_cold_shutdown(SECONDS_TO_STOP_AT_ONCE)
        repeat(look, worker.heartbeat_seconds)

    def leave(**_event: Any) -> None:
        words = (app, queue.WORKER_LEAVES, queue.CONTROL, name)
        threading.Thread(target=queue.send, args=words, name="leaving", daemon=True).start()

    worker_ready.connect(announce, weak=False)
    worker_shutting_down.connect(leave, weak=False)
    app.worker_main(
        [
            *("worker", "--pool", "prefork", "--concurrency", "1", "--queues", ",".join((*queues, *own))),
            *("--hostname", f"grading-{os.getpid()}@%h", "--loglevel", loglevel),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ]
    )


def worker_settings(environ: Mapping[str, str]) -> Settings:
    """Settings without those that only the control plane may know."""
    return load_settings({name: value for name, value in environ.items() if name not in SECRETS})


def say_alive(
    worker: GradingWorker, queues: tuple[str, ...], can: Mapping[str, str] | None, *, is_first: bool = False
) -> None:
    """Tell the control plane that this worker lives, whether it has a job, and what it can grade."""
    words = (queue.worker_name(os.getpid()), ",".join(queues), worker.signs.is_busy, can, is_first, SIGNS)
    queue.send(worker.app, queue.WORKER_SEEN, queue.CONTROL, *words)


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
