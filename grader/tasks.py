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

from grader import queue
from grader.db.away import in_a_line, is_away, may_be_away
from grader.db.clock import bring_back
from grader.db.columns import utc_now
from grader.db.versions import keep_versions
from grader.hearing import AGAIN, QUIET, Hearing
from grader.in_hand import InHand
from grader.orders import Orders, hear_out
from grader.pruning import prune
from grader.redis_broker import end_where_refused
from grader.services.ports import Sign
from grader.services.sweep import recover, recover_from, sweep
from grader.watchdog import WatchLimits, guard, repeat
from grader.wiring import Wiring

log = logging.getLogger(__name__)

PRUNE_SECONDS = 3600.0
MOST_BATCHES = 20
"""Of each kind in one round: the sweep waits meanwhile, and the next hour takes more."""

CLOCK_SECONDS = 10.0

LOOK_SECONDS = 5.0
LIMITS = WatchLimits(silent=60)
"""Tasks that wait for a database, or for a long sweep's lock, may give no sign for minutes; a grading job's child may not."""


def make_control_app(wiring: Wiring) -> Celery:
    """The Celery app of the control plane, with its tasks; `run_control_worker` runs it."""
    app, courier = wiring.celery, wiring.courier
    Hearing(app, wiring.recorder, wiring.dispatch_secrets).begin()

    @app.task(name=queue.WORKER_SEEN, shared=False, **QUIET)
    @may_be_away()
    def worker_seen(
        name: str,
        queues: str,
        busy: bool,
        can: Mapping[str, str] | None = None,
        is_first: bool = False,
        signs: bool = False,
    ) -> None:
        wiring.workers.seen(Sign(name, queues, busy, can, is_first), utc_now())
        if not signs:
            # Of an older release: its words are not believed, so it counts as gone, and what it has in hand is not charged.
            log.warning("%.100s is of an older release: start it anew with this one", name)
            wiring.workers.left(name, utc_now())

    @app.task(name=queue.WORKER_LEAVES, shared=False, **QUIET)
    @may_be_away()
    def worker_leaves(name: str) -> None:
        wiring.workers.left(name, utc_now())

    @app.task(name=queue.CANARY_SEEN, shared=False, **QUIET)
    @may_be_away()
    def canary_seen(name: str, digest: str, about: str) -> None:
        wiring.canaries.seen(name, digest, about, utc_now())

    order = Orders(app, wiring.recorder)

    @order(queue.RECOVER, queue.PLANE, AGAIN)
    def recover_all(planned: bool = False) -> None:
        hear_out(app)
        for lane in queue.LANES:
            queue.purge(app, lane)
        recover(wiring.recorder, wiring.backlog, utc_now(), planned=planned)

    @order(queue.RECOVER_FROM, queue.PLANE, AGAIN)
    def recover_one(worker: str) -> None:
        hear_out(app)
        recover_from(wiring.recorder, wiring.backlog, worker, utc_now())

    @order(queue.DELIVER, queue.WEBHOOKS, QUIET)
    def deliver(endpoint: str) -> None:
        courier.begin(endpoint)

    return app


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
        queue.remove_unfinished(wiring.celery)
        prune(wiring, now, MOST_BATCHES)

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
    own = queue.take_apart(app, queue.worker_name(os.getpid()), queues)
    end_where_refused(app)
    orders = (queue.PLANE,) if queue.CONTROL in queues else ()
    heard = ",".join((*queues, *orders, *own))
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
            *("worker", "--pool", "threads", "--concurrency", "4", "--queues", heard),
            *("--hostname", f"control-{os.getpid()}@%h", "--loglevel", loglevel),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ]
    )
