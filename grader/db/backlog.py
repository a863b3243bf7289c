"""What waits, and what got lost between database, queue and workers. Implements `services.ports.Backlog`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, or_, select

from grader.db.clock import SLACK
from grader.db.session import Database
from grader.db.submission_rows import to_submission
from grader.db.tables import SubmissionRow, WorkerRow
from grader.db.workers import is_living, may_take
from grader.domain.submission import Lane, State
from grader.services.ports import Patience, Submission

BATCH = 200
"""How many are brought back at once; the next round takes the others."""


class BacklogRows:
    """Reads only; whoever brings something back changes it through the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, now: datetime, undispatched_before: datetime) -> Sequence[Submission]:
        """Queued submissions that are in no queue and due; slow ones and those that are graded again wait for room."""
        row = SubmissionRow
        # What was received while the clock ran ahead has waited long enough, too.
        long_ago = or_(
            row.received_at < undispatched_before, row.received_at > now + timedelta(seconds=SLACK)
        )
        due = or_(row.not_before <= now, and_(row.not_before.is_(None), long_ago))
        quick = row.lane == Lane.QUICK.value
        return self._queued(row.dispatched_at.is_(None), due, quick, row.regraded_by.is_(None))

    def expired(self, now: datetime) -> Sequence[Submission]:
        """Running submissions whose lease ran out."""
        query = select(SubmissionRow).where(
            SubmissionRow.state == State.RUNNING.value, SubmissionRow.lease_until < now
        )
        return self._all(query.limit(BATCH))

    def overtaken(self, started_before: datetime, margin: float) -> Sequence[Submission]:
        """Queued ones although a job dispatched more than `margin` seconds later started before that moment."""
        oldest_query = (
            select(SubmissionRow.lane, func.min(SubmissionRow.dispatched_at))
            .where(SubmissionRow.state == State.QUEUED.value, SubmissionRow.dispatched_at.is_not(None))
            .group_by(SubmissionRow.lane)
        )
        lost: list[Submission] = []
        with self._database.read() as session:
            oldest = session.execute(oldest_query).all()
        for lane, dispatched in oldest:
            newest = self._newest_started(lane, dispatched, started_before)
            if newest is not None:
                edge = newest - timedelta(seconds=margin)
                lost += self._queued(SubmissionRow.lane == lane, SubmissionRow.dispatched_at < edge)
        return lost

    def _newest_started(self, lane: str, after: datetime | None, before: datetime) -> datetime | None:
        """When the newest job of a lane was dispatched that was dispatched after one moment, started before another.

        What was dispatched when the clock ran ahead is no measure: all that waits would seem overtaken until that hour.
        """
        query = select(func.max(SubmissionRow.dispatched_at)).where(
            SubmissionRow.state.in_([State.RUNNING.value, State.DONE.value]),
            SubmissionRow.lane == lane,
            SubmissionRow.dispatched_at > after,
            SubmissionRow.dispatched_at < before,
            SubmissionRow.started_at < before,
        )
        with self._database.read() as session:
            return session.scalar(query)

    def unfetched(self, now: datetime, patience: Patience) -> Sequence[Submission]:
        """Queued ones although a living worker has been idle for longer than patience allows."""
        idle = now - timedelta(seconds=patience.idle)
        idle_worker = exists().where(*is_living(now, patience), WorkerRow.idle_since < idle, may_take())
        rows = self._queued(SubmissionRow.dispatched_at < idle, idle_worker)
        return [row for row in rows if _patience_is_over(row, now, patience)]

    def stranded(self, now: datetime, patience: Patience) -> Sequence[Submission]:
        """Queued ones that were offered to a worker by name which is gone."""
        offered_to_the_living = exists().where(
            *is_living(now, patience), WorkerRow.name == SubmissionRow.worker
        )
        return self._queued(
            SubmissionRow.dispatched_at.is_not(None),
            SubmissionRow.worker.is_not(None),
            ~offered_to_the_living,
        )

    def unfinished(self, worker: str | None = None) -> Sequence[Submission]:
        """Every submission that is in a queue or running; only those of one worker where it is named."""
        query = select(SubmissionRow).where(
            SubmissionRow.state.in_([State.QUEUED.value, State.RUNNING.value]),
            SubmissionRow.dispatched_at.is_not(None),
        )
        if worker is not None:
            query = query.where(SubmissionRow.worker == worker)
        return self._all(query.order_by(SubmissionRow.received_at))

    def _queued(self, *conditions: Any) -> Sequence[Submission]:
        query = select(SubmissionRow).where(SubmissionRow.state == State.QUEUED.value, *conditions)
        return self._all(query.order_by(SubmissionRow.received_at).limit(BATCH))

    def _all(self, query: Any) -> Sequence[Submission]:
        with self._database.read() as session:
            return [to_submission(row) for row in session.scalars(query)]


def _patience_is_over(row: Submission, now: datetime, patience: Patience) -> bool:
    """What was lost more than once waits twice as long; a worker that takes nothing at all is not counted any more."""
    wait = patience.idle * min(row.attempt, 2)
    return row.dispatched_at is not None and row.dispatched_at < now - timedelta(seconds=wait)
