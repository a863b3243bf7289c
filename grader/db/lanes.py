"""The lanes as the database shows them: who is at work, who waits, for how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.db.session import Database
from grader.db.store import BATCH, to_submission
from grader.db.tables import SubmissionRow, WorkerRow
from grader.domain.submission import Lane, State
from grader.services.ports import Patience, Submission

MEASURED = 50  # the newest jobs of a lane tell how long the next will take
FEWEST = 3  # of which nothing can be told yet
UNFINISHED = (State.QUEUED.value, State.RUNNING.value)


@dataclass(frozen=True)
class Outlook:
    """`position` in line, 1 for the next; `seconds` until the report, from what was measured; None where unknown."""

    position: int | None = None
    seconds: int | None = None


class LaneRows:
    """Implements `services.ports.Lanes`, and tells a student how long it will take."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def regrades(self, now: datetime, patience: Patience) -> Sequence[Submission]:
        """Submissions to be graded again that are in no queue and due, and whose lane has room for one."""
        row = SubmissionRow
        due = (
            select(row)
            .where(row.state == State.QUEUED.value, row.dispatched_at.is_(None))
            .where(row.not_before <= now, row.regraded_by.is_not(None))
            .order_by(row.received_at)
            .limit(BATCH)
        )
        admitted = []
        with self._database.read() as session:
            waiting = [to_submission(found) for found in session.scalars(due)]
            for lane in {each.lane for each in waiting}:
                room = _room(session, lane, now, patience)
                admitted += [each for each in waiting if each.lane is lane][:room]
        return admitted

    def outlook(self, submission: Submission, now: datetime, patience: Patience) -> Outlook:
        """Place in line and seconds until the report: what is ahead, shared among the lane's workers, and its own turn."""
        if submission.state is State.DONE:
            return Outlook()
        with self._database.read() as session:
            lane = _seconds(session, SubmissionRow.lane == submission.lane.value)
            own = _seconds(
                session,
                SubmissionRow.lane == submission.lane.value,
                SubmissionRow.assignment == submission.assignment,
            )
            ahead = _ahead(session, submission)
            at_work = _count(session, submission.lane, SubmissionRow.state == State.RUNNING.value)
            workers = max(1, _alive(session, submission.lane, now, patience))
        turn = own if own is not None else lane
        if submission.state is State.RUNNING:
            return Outlook(seconds=None if turn is None else _left(turn, submission, now))
        if turn is None or lane is None:
            return Outlook(ahead + 1)
        waits = lane * (ahead + at_work / 2) / workers
        return Outlook(ahead + 1, max(1, round(waits + turn)))


def _room(session: Session, lane: Lane, now: datetime, patience: Patience) -> int:
    """How many more may be graded again at once: all workers of the lane but one, which is for new submissions.

    A lane with one worker takes them one by one, while nothing new waits.
    """
    row = SubmissionRow
    at_work = _count(
        session, lane, row.state.in_(UNFINISHED), row.dispatched_at.is_not(None), row.regraded_by.is_not(None)
    )
    alive = _alive(session, lane, now, patience)
    if alive > 1:
        return max(0, alive - 1 - at_work)
    is_free = not at_work and not _count(
        session, lane, row.state == State.QUEUED.value, row.regraded_by.is_(None)
    )
    return int(is_free)


def _ahead(session: Session, submission: Submission) -> int:
    """How many wait in the lane before this one; who is in no queue yet comes last."""
    waiting = SubmissionRow.state == State.QUEUED.value, SubmissionRow.dispatched_at.is_not(None)
    if submission.dispatched_at is None:
        return _count(session, submission.lane, *waiting)
    return _count(session, submission.lane, *waiting, SubmissionRow.dispatched_at < submission.dispatched_at)


def _left(turn: float, submission: Submission, now: datetime) -> int:
    spent = (now - submission.started_at).total_seconds() if submission.started_at else 0.0
    return max(1, round(turn - spent))


def _seconds(session: Session, *conditions: Any) -> float | None:
    """How long the newest jobs took on average, from the first word of their worker to the report."""
    row = SubmissionRow
    newest = (
        select(row.started_at, row.done_at)
        .where(row.done_at.is_not(None), row.started_at.is_not(None), *conditions)
        .order_by(row.started_at.desc())
        .limit(MEASURED)
    )
    pairs = session.execute(newest).all()
    took = [(done - started).total_seconds() for started, done in pairs if done and started]
    return sum(took) / len(took) if len(took) >= FEWEST else None


def _count(session: Session, lane: Lane, *conditions: Any) -> int:
    query = select(func.count()).select_from(SubmissionRow)
    return session.scalar(query.where(SubmissionRow.lane == lane.value, *conditions)) or 0


def _alive(session: Session, lane: Lane, now: datetime, patience: Patience) -> int:
    """How many workers of a lane have said something lately."""
    edge = now - timedelta(seconds=3 * patience.heartbeat)
    query = select(func.count()).select_from(WorkerRow)
    return session.scalar(query.where(WorkerRow.seen_at > edge, WorkerRow.queues.contains(lane.value))) or 0
