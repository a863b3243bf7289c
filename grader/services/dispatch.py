"""Bring a submission into the queue: first the truth changes, then the message goes out."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from grader.domain.submission import Job
from grader.domain.training import PlanName
from grader.services.ports import AssignmentShelf, JobQueue, Lanes, Patience, QueueAway, Store, Submission

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Dispatcher:
    """Whoever puts submissions in line; the same in the web process and in the control worker."""

    store: Store
    lanes: Lanes
    queue: JobQueue
    shelf: AssignmentShelf
    patience: Patience = field(default_factory=Patience)

    def dispatch(self, submission: Submission, now: datetime) -> bool:
        """Put the next attempt in line, once; False where another process was quicker or the broker is away."""
        known = self.shelf.assignments.get(submission.assignment)
        version = submission.assignment_version if known is None else known.version
        claimed = self.store.begin_dispatch(submission.id, submission.attempt, version, now)
        if claimed is None:
            return False
        try:
            pinned = self.store.pinned_data(claimed.course, claimed.assignment)
            plan = self.store.plan(claimed.course, claimed.assignment)
            self.queue.send(job_of(claimed, tuple(pinned), plan))
        except QueueAway as away:
            log.warning("the broker did not take %s, the sweep sends it: %s", claimed.id, away)
        except Exception:
            log.exception("the broker did not take %s", claimed.id)
        else:
            return True
        later = now + timedelta(seconds=self.patience.undispatched)
        self.store.undo_dispatch(claimed.id, claimed.attempt, later)
        return False

    def admit(self, now: datetime) -> None:
        """Put in line what is slow or to be graded again, as far as its lane has room; new submissions go first.

        Whoever loses a race stops: the other process is admitting the same ones.
        """
        for submission in self.lanes.admissible(now, self.patience):
            if not self.dispatch(submission, now):
                return


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
