"""The lanes as the database shows them: who is at work, who waits, for how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from grader.db import budgets
from grader.db.flow import FEWEST, MEASURED, living
from grader.db.session import Database
from grader.db.submission_rows import to_submission
from grader.db.tables import SubmissionRow
from grader.domain.submission import Lack, Lane, State
from grader.services.ports import Patience, Submission

UNFINISHED = (State.QUEUED.value, State.RUNNING.value)
_IN_QUEUE = (SubmissionRow.state == State.QUEUED.value, SubmissionRow.dispatched_at.is_not(None))


@dataclass(frozen=True)
class Outlook:
    """`position` in line, 1 for the next; `seconds` until the report, from what was measured; None where unknown.

    `stopped_since` is told in place of the seconds while the lane does not drain, `waits_for` while nobody can grade it.
    """

    position: int | None = None
    seconds: int | None = None
    stopped_since: datetime | None = None
    waits_for: Lack | None = None


class LaneRows:
    """Implements `services.ports.Lanes`, and tells a student how long it will take."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def admissible(self, now: datetime, patience: Patience) -> Sequence[Submission]:
        """Submissions that wait in the table for room in their lane, and have it: slow ones, then those to be graded again.

        Of the slow ones, those come last whose students have used up what an hour has for them.
        """
        with self._database.read() as session:
            admitted = _again(session, Lane.QUICK, now, patience)
            if _is_there(session, _waiting(Lane.SLOW, now)):
                room = max(0, _room_for_slow(session, now, patience))
                new = _new_and_slow(session, now, patience, room)
                admitted += [*new, *_again(session, Lane.SLOW, now, patience)][:room]
            return [to_submission(row) for row in admitted]

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
            turn = own if own is not None else lane
            if submission.state is State.RUNNING:
                return Outlook(seconds=None if turn is None else _left(turn, submission, now))
            ahead = _ahead(session, submission, now, patience)
            if turn is None or lane is None:
                return Outlook(ahead + 1)
            at_work = _count(session, submission.lane, SubmissionRow.state == State.RUNNING.value)
            workers = max(1, len(_alive(session, submission.lane, now, patience)))
        waits = lane * (ahead + at_work / 2) / workers
        return Outlook(ahead + 1, max(1, round(waits + turn)))


def _new_and_slow(session: Session, now: datetime, patience: Patience, most: int) -> list[SubmissionRow]:
    """What the quick lane gave up and waits in the table, in the order in which it is served."""
    waiting = _waiting(Lane.SLOW, now).where(SubmissionRow.regraded_by.is_(None))
    if not most or not _is_there(session, waiting):
        return []
    people = budgets.over_budget(session, now, patience.hourly_budget)
    ordered = waiting.order_by(budgets.turn(people), SubmissionRow.received_at)
    return list(session.scalars(ordered.limit(most)))


def _again(session: Session, lane: Lane, now: datetime, patience: Patience) -> list[SubmissionRow]:
    """What is to be graded again, waits in the table and has room among its like."""
    waiting = _waiting(lane, now).where(SubmissionRow.regraded_by.is_not(None))
    if not _is_there(session, waiting):
        return []
    room = _room_for_regrades(session, lane, now, patience)
    return list(session.scalars(waiting.order_by(SubmissionRow.received_at).limit(room)))


def _is_there(session: Session, waiting: Select[SubmissionRow]) -> bool:
    return session.scalar(waiting.with_only_columns(SubmissionRow.id).limit(1)) is not None


def _waiting(lane: Lane, now: datetime) -> Select[SubmissionRow]:
    row = SubmissionRow
    return select(row).where(
        row.state == State.QUEUED.value,
        row.lane == lane.value,
        row.dispatched_at.is_(None),
        row.not_before <= now,
    )


def _room_for_slow(session: Session, now: datetime, patience: Patience) -> int:
    """How many slow jobs may be sent at once: one for each worker that takes them.

    Where such a worker takes quick jobs, too, each lane has the same share of its time while quick ones wait: after a
    slow job it is the quick lane's for as long as that took.
    """
    row = SubmissionRow
    workers = _alive(session, Lane.SLOW, now, patience)
    in_hand = _count(session, Lane.SLOW, row.state.in_(UNFINISHED), row.dispatched_at.is_not(None))
    free = max(1, len(workers)) - in_hand
    shared = sum(Lane.QUICK.value in queues for queues in workers)
    if free <= 0 or not shared or not _count(session, Lane.QUICK, *_IN_QUEUE):
        return free
    newest = (
        select(row.started_at, row.done_at)
        .where(
            row.lane == Lane.SLOW.value, row.started_at > now - timedelta(seconds=2 * patience.longest_run)
        )
        .where(row.done_at.is_not(None))
        .order_by(row.started_at.desc())
        .limit(shared)
    )
    resting = sum(
        now - done < done - started for started, done in session.execute(newest) if started and done
    )
    return free - resting


def _room_for_regrades(session: Session, lane: Lane, now: datetime, patience: Patience) -> int:
    """How many more may be graded again at once: all workers of the lane but one, which is for new submissions.

    A lane with one worker takes them one by one, while nothing new waits.
    """
    row = SubmissionRow
    at_work = _count(
        session, lane, row.state.in_(UNFINISHED), row.dispatched_at.is_not(None), row.regraded_by.is_not(None)
    )
    alive = len(_alive(session, lane, now, patience))
    if alive > 1:
        return max(0, alive - 1 - at_work)
    is_free = not at_work and not _count(
        session, lane, row.state == State.QUEUED.value, row.regraded_by.is_(None)
    )
    return int(is_free)


def _ahead(session: Session, submission: Submission, now: datetime, patience: Patience) -> int:
    """How many wait in the lane before this one: who is in the queue, then who is new, then who is graded again.

    Of the new ones in the slow lane, those come last whose students are over their budgets.
    """
    row, lane = SubmissionRow, submission.lane
    if submission.dispatched_at is not None:
        return _count(session, lane, *_IN_QUEUE, row.dispatched_at < submission.dispatched_at)
    outside = row.state == State.QUEUED.value, row.dispatched_at.is_(None)
    new = row.regraded_by.is_(None)
    if submission.is_regrade:
        before = or_(new, row.received_at < submission.received_at)
    else:
        is_slow = lane is Lane.SLOW
        people = budgets.over_budget(session, now, patience.hourly_budget) if is_slow else ()
        before = and_(new, budgets.goes_before(submission, people))
    return _count(session, lane, *_IN_QUEUE) + _count(
        session, lane, *outside, before, row.id != submission.id
    )


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


def _alive(session: Session, lane: Lane, now: datetime, patience: Patience) -> list[list[str]]:
    """The lanes of each living worker of a lane."""
    return [sorted(worker.lanes) for worker in living(session, now, patience) if lane in worker.lanes]
