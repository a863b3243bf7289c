"""Bring a submission into the queue: first the truth changes, then the message goes out."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from grader.domain.submission import Job
from grader.domain.training import PlanName
from grader.services.ports import (
    AssignmentShelf,
    JobQueue,
    Lanes,
    Patience,
    QueueAway,
    Store,
    Submission,
    Workers,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Dispatcher:
    """Whoever puts submissions in line; the same in the web process and in the control worker."""

    store: Store
    lanes: Lanes
    workers: Workers
    queue: JobQueue
    shelf: AssignmentShelf
    patience: Patience = field(default_factory=Patience)

    def dispatch(self, submission: Submission, now: datetime) -> bool:
        """Put the next attempt in line, once; False where another process was quicker, the broker is away or nobody can.

        It goes to who has the version that it was handed in under, and waits in the table for one as long as it takes.
        """
        route = self.workers.route(submission, now, self.patience)
        later = now + timedelta(seconds=self.patience.undispatched)
        if not route.is_open:
            self.store.postpone(submission.id, submission.attempt, later, route.lack)
            return False
        claimed = self.store.begin_dispatch(submission.id, submission.attempt, route.worker, now)
        if claimed is None:
            return False
        try:
            pinned = self.store.pinned_data(claimed.course, claimed.assignment)
            plan = self.store.plan(claimed.course, claimed.assignment)
            job = job_of(claimed, tuple(pinned), plan)
            self.queue.send(job, route.worker, alone=claimed.losses >= self.patience.losses_in_company)
        except QueueAway as away:
            log.warning("the broker did not take %s, the sweep sends it: %s", claimed.id, away)
        except Exception:
            log.exception("the broker did not take %s", claimed.id)
        else:
            return True
        self.store.undo_dispatch(claimed.id, claimed.attempt, later)
        return False

    def admit(self, now: datetime) -> None:
        """Put in line what is slow or to be graded again, as far as its lane has room; new submissions go first."""
        for submission in self.lanes.admissible(now, self.patience):
            self.dispatch(submission, now)


def job_of(
    submission: Submission, datasets: tuple[tuple[str, str], ...] = (), plan: PlanName = PlanName.CLASS
) -> Job:
    """What a worker needs to know of a submission, and nothing else; `datasets` are names and sha256."""
    return Job(
        submission=submission.id,
        attempt=submission.attempt,
        assignment=submission.assignment,
        assignment_version=submission.assignment_version,
        datasets=datasets,
        source=submission.source,
        language=submission.language,
        plan=plan,
        lane=submission.lane,
    )
