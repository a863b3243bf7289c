"""Find what got lost between database, queue and workers, and bring it back. Harmless to run twice or in parallel."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from grader.domain.submission import State
from grader.services.ports import Backlog, Submission
from grader.services.record import Recorder

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Swept:
    """How many submissions one sweep found: never sent, with a dead worker, missing from their queue."""

    waiting: int
    expired: int
    missing: int

    def __bool__(self) -> bool:
        """Whether anything was found."""
        return bool(self.waiting or self.expired or self.missing)


def sweep(recorder: Recorder, backlog: Backlog, now: datetime, *, listening_since: datetime) -> Swept:
    """One round. Leases are judged only once we have listened for a whole lease: heartbeats may wait in our queue."""
    dispatcher, patience = recorder.dispatcher, recorder.dispatcher.patience
    waiting = backlog.waiting(now, now - timedelta(seconds=patience.undispatched))
    for submission in waiting:
        dispatcher.dispatch(submission, now)
    dispatcher.admit(now)
    if now - listening_since < timedelta(seconds=patience.lease):
        return Swept(len(waiting), 0, 0)
    expired = backlog.expired(now)
    _bring_back(recorder, expired, now)
    _tell_deaf(recorder, now)
    overtaken = backlog.overtaken(now - timedelta(seconds=patience.overtaken), patience.same_moment)
    missing = {
        each.id: each
        for each in (*overtaken, *backlog.unfetched(now, patience), *backlog.stranded(now, patience))
    }
    for submission in missing.values():
        dispatcher.dispatch(submission, now)
    found = Swept(len(waiting), len(expired), len(missing))
    if found:
        log.info("sweep: %s", found)
    return found


def _bring_back(recorder: Recorder, lost: Sequence[Submission], now: datetime) -> None:
    """Jobs whose workers are gone. First all deaths are known, then each is judged by the others."""
    workers = recorder.dispatcher.workers
    planned = {each.id for each in lost if each.worker and workers.has_left(each.worker)}
    for submission in lost:
        if submission.worker and submission.id not in planned:
            workers.died(submission.worker, now)
    for submission in lost:
        if submission.id in planned:
            recorder.interrupted(submission, now)
        else:
            recorder.loss(submission, now)


def _tell_deaf(recorder: Recorder, now: datetime) -> None:
    workers = recorder.dispatcher.workers
    for name in workers.going_deaf(now, recorder.dispatcher.patience):
        log.error("%s says that it is idle and takes no job: it is not counted on any more", name)
        workers.is_deaf(name, now)


def recover(recorder: Recorder, backlog: Backlog, now: datetime, *, planned: bool = False) -> int:
    """After every worker is known to be dead and the queue is empty: dispatch all that is not final; how many.

    All died at once, so no job is the cause; and nothing is spent where that was `planned`.
    """
    unfinished = backlog.unfinished()
    for submission in unfinished:
        if submission.state is not State.RUNNING:
            recorder.dispatcher.dispatch(submission, now)
        elif planned:
            recorder.interrupted(submission, now)
        else:
            recorder.loss(submission, now, with_all=True)
    return len(unfinished)


def recover_from(recorder: Recorder, backlog: Backlog, worker: str, now: datetime) -> int:
    """After one worker is known to be dead: its jobs, and no others; how many."""
    recorder.dispatcher.workers.died(worker, now)
    unfinished = backlog.unfinished(worker)
    for submission in unfinished:
        if submission.state is State.RUNNING:
            recorder.loss(submission, now)
        else:
            recorder.dispatcher.dispatch(submission, now)
    return len(unfinished)
