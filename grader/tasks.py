"""The control worker: what workers say, written down by services, and the sweep in a thread beside it."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from celery import Celery
from celery.signals import task_postrun, task_prerun, worker_ready, worker_shutting_down

from grader import queue, wire
from grader.db.away import DatabaseAway, in_a_line, is_away, may_be_away
from grader.db.clock import bring_back
from grader.db.columns import utc_now
from grader.db.versions import keep_versions
from grader.domain.report import Report
from grader.domain.submission import Lack, Stage
from grader.in_hand import InHand
from grader.services.ports import Refusal, Sign, Step, WhyRefused
from grader.services.record import Recorder
from grader.services.sweep import recover, recover_from, sweep
from grader.watchdog import WatchLimits, guard, repeat
from grader.wiring import Wiring

log = logging.getLogger(__name__)

QUIET: dict[str, Any] = {"throws": (DatabaseAway,)}
"""A database that is away is told in one line; signs of life that it misses come again."""

AGAIN: dict[str, Any] = QUIET | {"autoretry_for": (DatabaseAway,), "retry_backoff": 1, "max_retries": 8}
"""A database that is away for a while must not cost a report."""

PRUNE_SECONDS = 3600.0
CLOCK_SECONDS = 10.0

LOOK_SECONDS = 5.0
LIMITS = WatchLimits(silent=60)
"""Tasks that wait for a database, or for a long sweep's lock, may give no sign for minutes; a grading job's child may not."""


def make_control_app(wiring: Wiring) -> Celery:
    """The Celery app of the control plane, with its tasks; `run_control_worker` runs it."""
    app, courier = wiring.celery, wiring.courier
    _add_words_of_workers(app, wiring.recorder)

    @app.task(name=queue.WORKER_SEEN, shared=False, **QUIET)
    @may_be_away()
    def worker_seen(
        name: str, queues: str, busy: bool, can: Mapping[str, str] | None = None, is_first: bool = False
    ) -> None:
        wiring.workers.seen(Sign(name, queues, busy, can, is_first), utc_now())

    @app.task(name=queue.WORKER_LEAVES, shared=False, **QUIET)
    @may_be_away()
    def worker_leaves(name: str) -> None:
        wiring.workers.left(name, utc_now())

    @app.task(name=queue.CANARY_SEEN, shared=False, **QUIET)
    @may_be_away()
    def canary_seen(name: str, digest: str, about: str) -> None:
        wiring.canaries.seen(name, digest, about, utc_now())

    @app.task(name=queue.RECOVER, shared=False, **AGAIN)
    @may_be_away()
    def recover_all(planned: bool = False) -> None:
        for lane in queue.LANES:
            queue.purge(app, lane)
        recover(wiring.recorder, wiring.backlog, utc_now(), planned=planned)

    @app.task(name=queue.RECOVER_FROM, shared=False, **AGAIN)
    @may_be_away()
    def recover_one(worker: str) -> None:
        recover_from(wiring.recorder, wiring.backlog, worker, utc_now())

    @app.task(name=queue.DELIVER, shared=False, **QUIET)
    @may_be_away()
    def deliver(endpoint: str) -> None:
        courier.begin(endpoint)

    return app


def _add_words_of_workers(app: Celery, recorder: Recorder) -> None:
    """What a worker says of a job."""

    @app.task(name=queue.RECORD_REPORT, shared=False, **AGAIN)
    @may_be_away()
    def record_report(submission: str, attempt: int, data: Mapping[str, Any]) -> None:
        try:
            report = wire.from_json(Report, data)
            wire.dumps(report)
        except (wire.WireError, ValueError) as error:
            recorder.refuse(WhyRefused.UNREADABLE, submission, attempt, str(error))
            return
        recorder.report(submission, attempt, report, utc_now())

    @app.task(name=queue.PROGRESS, shared=False, **QUIET)
    @may_be_away()
    def progress(submission: str, attempt: int, stage: str, worker: str | None = None) -> None:
        recorder.stage(Step(submission, attempt, Stage(stage), worker), utc_now())

    @app.task(name=queue.HEARTBEAT, shared=False, **QUIET)
    @may_be_away()
    def heartbeat(submission: str, attempt: int) -> None:
        recorder.heartbeat(submission, attempt, utc_now())

    @app.task(name=queue.JOB_FAILED, shared=False, **AGAIN)
    @may_be_away()
    def job_failed(submission: str, attempt: int, detail: str, once: bool = False) -> None:
        recorder.fault(submission, attempt, detail, utc_now(), once=once)

    @app.task(name=queue.JOB_REFUSED, shared=False, **AGAIN)
    @may_be_away()
    def job_refused(submission: str, attempt: int, worker: str, lack: str, detail: str) -> None:
        recorder.refused(Refusal(submission, attempt, worker, Lack(lack), detail), utc_now())

    @app.task(name=queue.JOB_IS_SLOW, shared=False, **AGAIN)
    @may_be_away()
    def job_is_slow(submission: str, attempt: int) -> None:
        recorder.slow(submission, attempt, utc_now())

    @app.task(name=queue.JOB_RETURNED, shared=False, **QUIET)
    @may_be_away()
    def job_returned(submission: str, attempt: int) -> None:
        recorder.returned(submission, attempt, utc_now())


class Sweeper(threading.Thread):
    """Sweeps every few seconds until it is told to stop."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(name="sweep", daemon=True)
        self._wiring = wiring
        self._pause = wiring.patience.sweep
        self._over = threading.Event()

    def run(self) -> None:
        """Sweep now and then; an error is logged and the next round comes all the same."""
        since, last = utc_now(), time.monotonic()
        pruned, looked = time.monotonic() - PRUNE_SECONDS, time.monotonic() - CLOCK_SECONDS
        while not self._over.wait(self._pause):
            late = time.monotonic() - last - self._pause
            last = time.monotonic()
            if late > self._wiring.patience.lease / 2:
                # This process stood still: signs of life wait unread, and who gave them must not be taken for dead.
                since = utc_now()
            try:
                if time.monotonic() - looked >= CLOCK_SECONDS:
                    bring_back(self._wiring.database, utc_now(), self._wiring.patience)
                    looked = time.monotonic()
                self._round(since)
                if time.monotonic() - pruned >= PRUNE_SECONDS:
                    self._keep_house()
                    pruned = time.monotonic()
            except Exception as error:
                if is_away(error):
                    log.warning("the sweep waits: %s", in_a_line(error))
                else:
                    log.exception("the sweep failed")

    def _keep_house(self) -> None:
        wiring, now = self._wiring, utc_now()
        keep_versions(wiring.database, wiring.shelf, now)
        wiring.accounts.store.prune(now)
        queue.remove_unfinished(wiring.celery)
        for worker in wiring.workers.forget(now):
            queue.purge(wiring.celery, queue.own_queue(worker))

    def _round(self, since: datetime) -> None:
        """Submissions first; webhooks in any case."""
        try:
            sweep(self._wiring.recorder, self._wiring.backlog, utc_now(), listening_since=since)
        finally:
            self._wiring.outbox.sweep(utc_now())

    def stop(self) -> None:
        """End after the current round."""
        self._over.set()


def run_control_worker(
    wiring: Wiring,
    queues: tuple[str, ...] = (queue.CONTROL, queue.WEBHOOKS),
    loglevel: str = "info",
    limits: WatchLimits = LIMITS,
    look_seconds: float = LOOK_SECONDS,
) -> None:
    """Work until a signal ends it; threads, and webhooks in threads of their own: a slow one holds up no report.

    One that takes no more messages, though the broker answers, ends with `watchdog.TO_BE_STARTED_AGAIN`.
    """
    app, in_hand = make_control_app(wiring), InHand()
    own = queue.add_own_queue(app, queue.worker_name(os.getpid()))
    app.task(name=queue.ECHO, shared=False)(in_hand.heard)
    task_prerun.connect(in_hand.begin, weak=False)
    task_postrun.connect(in_hand.end, weak=False)
    end_where_deaf, sweeper = guard(app, in_hand, own, limits), Sweeper(wiring)

    def begin(**_event: Any) -> None:
        sweeper.start()
        repeat(end_where_deaf, look_seconds)

    worker_ready.connect(begin, weak=False)
    worker_shutting_down.connect(lambda **_event: sweeper.stop(), weak=False)
    app.worker_main(
        [
            *("worker", "--pool", "threads", "--concurrency", "4", "--queues", ",".join((*queues, own))),
            *("--hostname", f"control-{os.getpid()}@%h", "--loglevel", loglevel),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ]
    )
