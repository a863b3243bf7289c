"""Find what got lost between database, queue and workers, and bring it back. Harmless to run twice or in parallel."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from grader.domain.submission import State
from grader.services.ports import Backlog
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
    for submission in expired:
        recorder.loss(submission, now)
    overtaken = backlog.overtaken(now - timedelta(seconds=patience.overtaken), patience.same_moment)
    missing = {s.id: s for s in (*overtaken, *backlog.unfetched(now, patience))}
    for submission in missing.values():
        dispatcher.dispatch(submission, now)
    found = Swept(len(waiting), len(expired), len(missing))
    if found:
        log.info("sweep: %s", found)
    return found


def recover(recorder: Recorder, backlog: Backlog, now: datetime) -> int:
    """After every worker is known to be dead and the queue is empty: dispatch all that is not final; how many."""
    unfinished = backlog.unfinished()
    for submission in unfinished:
        if submission.state is State.RUNNING:
            recorder.loss(submission, now)
        else:
            recorder.dispatcher.dispatch(submission, now)
    return len(unfinished)
