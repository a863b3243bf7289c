"""Who grades: what each worker said of itself, and to whom a job may go. Implements `services.ports.Workers`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from grader.db.session import Database
from grader.db.tables import SubmissionRow, WorkerRow
from grader.domain.submission import Lack, Lane, State
from grader.services.ports import Patience, Route, Sign, Submission

MOST_AT_ONE = 2
"""How many jobs are offered to one worker by name: the one that it does, and the next."""

SILENT_HEARTBEATS = 3
"""A worker that missed so many is not counted any more."""

LONGEST_REFUSAL = timedelta(minutes=1)
"""No refusal counts for longer, also one that was written while the clock ran ahead."""
EVERYTHING = ""


class WorkerRows:
    """The workers on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def seen(self, sign: Sign, now: datetime) -> None:
        """A worker says that it lives; its first sign ends whatever was said of one before it that had the same name."""
        with self._database.write() as session:
            row = session.get(WorkerRow, sign.name) or WorkerRow(name=sign.name, idle_since=None)
            row.queues, row.seen_at = sign.queues, now
            row.can = None if sign.can is None else dict(sign.can)
            row.idle_since = None if sign.busy else (row.idle_since or now)
            if sign.is_first:
                row.left_at = row.died_at = row.cannot = None
            if sign.is_first or sign.busy:
                row.deaf_at = None
            session.add(row)

    def left(self, name: str, now: datetime) -> None:
        """A worker ends as planned: what it had in hand goes to another, and nobody is charged."""
        self._mark(name, left_at=now)

    def died(self, name: str, now: datetime) -> None:
        """A worker, or the process of it that grades, ended over a job."""
        self._mark(name, died_at=now)

    def is_deaf(self, name: str, now: datetime) -> None:
        """A worker takes nothing any more: it counts again once it is at work."""
        self._mark(name, deaf_at=now)

    def has_left(self, name: str) -> bool:
        """Whether a worker has ended as planned."""
        with self._database.read() as session:
            row = session.get(WorkerRow, name)
            return row is not None and row.left_at is not None

    def refused(self, name: str, assignment: str, lack: Lack, until: datetime) -> None:
        """A worker gave a job back because it cannot: it is asked for the like of it again only after that moment."""
        what = EVERYTHING if lack is Lack.SANDBOX else assignment
        with self._database.write() as session:
            row = session.get(WorkerRow, name)
            if row is not None:
                row.cannot = dict(row.cannot or {}) | {what: {"lack": lack.value, "until": until.isoformat()}}

    def others_died(self, name: str | None, since: datetime, patience: Patience, now: datetime) -> bool:
        """Whether another worker died since that moment, or fell silent."""
        row = WorkerRow
        silent = and_(row.seen_at > since, row.seen_at < _edge(now, patience), row.left_at.is_(None))
        query = select(exists().where(row.name != (name or ""), or_(row.died_at > since, silent)))
        with self._database.read() as session:
            return bool(session.scalar(query))

    def route(self, submission: Submission, now: datetime, patience: Patience) -> Route:
        """Where the next attempt goes: into the lane where all who take from it can, else to one who can by name.

        After a fault of ours it is another worker's turn, where there is one.
        """
        with self._database.read() as session:
            living = living_workers(session, submission.lane, now, patience)
            if not living:
                return Route()
            lacks = {row.name: _lack(row, submission, now) for row in living}
            able = [row for row in living if lacks[row.name] is None]
            if not able:
                return Route(is_open=False, lack=next(iter(lacks.values())))
            others = [row for row in able if row.name != submission.worker] if submission.faults else able
            if len(others or able) == len(living):
                return Route()
            return _freest(session, others or able)

    def going_deaf(self, now: datetime, patience: Patience) -> Sequence[str]:
        """Workers that say they are idle while a job has long waited in their lane, where nobody else took one either."""
        row, long_ago = WorkerRow, now - timedelta(seconds=2 * patience.idle)
        waits = exists().where(
            SubmissionRow.state == State.QUEUED.value,
            SubmissionRow.dispatched_at < long_ago,
            may_take(),
        )
        query = select(row.name).where(*is_living(now, patience), row.idle_since < long_ago, waits)
        with self._database.read() as session:
            return list(session.scalars(query))

    def _mark(self, name: str, **moments: datetime) -> None:
        with self._database.write() as session:
            row = session.get(WorkerRow, name)
            if row is not None:
                for column, moment in moments.items():
                    setattr(row, column, moment)


def living_workers(session: Session, lane: Lane, now: datetime, patience: Patience) -> list[WorkerRow]:
    """Those that take from a lane, have said something lately, and have neither left nor gone deaf."""
    query = select(WorkerRow).where(*is_living(now, patience))
    return [row for row in session.scalars(query.order_by(WorkerRow.name)) if lane in row.queues.split(",")]


def is_living(now: datetime, patience: Patience) -> Sequence[ColumnElement[bool]]:
    """What a worker that may be counted on fulfils: it said something lately, and after it last died over a job."""
    row = WorkerRow
    alive = or_(row.died_at.is_(None), row.died_at < row.seen_at)
    return row.seen_at > _edge(now, patience), row.left_at.is_(None), row.deaf_at.is_(None), alive


def may_take() -> ColumnElement[bool]:
    """Whether a submission that is in a queue lies where a worker takes from: in its lane, or in its own."""
    in_lane = and_(SubmissionRow.worker.is_(None), WorkerRow.queues.contains(SubmissionRow.lane))
    return or_(in_lane, SubmissionRow.worker == WorkerRow.name)


def _edge(now: datetime, patience: Patience) -> datetime:
    return now - timedelta(seconds=SILENT_HEARTBEATS * patience.heartbeat)


def _lack(row: WorkerRow, submission: Submission, now: datetime) -> Lack | None:
    """What a worker has not got for a job; one that said nothing of versions may be tried."""
    for what in (EVERYTHING, submission.assignment):
        refusal: Mapping[str, Any] = (row.cannot or {}).get(what) or {}
        if refusal and now < datetime.fromisoformat(refusal["until"]) < now + LONGEST_REFUSAL:
            return Lack(refusal["lack"])
    if row.can is not None and row.can.get(submission.assignment) != submission.assignment_version:
        return Lack.VERSION
    return None


def _freest(session: Session, rows: Sequence[WorkerRow]) -> Route:
    """The one with the fewest jobs, by name; nowhere as long as each has enough."""
    row = SubmissionRow
    names = [each.name for each in rows]
    counted = (
        select(row.worker, func.count())
        .where(row.state != State.DONE.value, row.dispatched_at.is_not(None), row.worker.in_(names))
        .group_by(row.worker)
    )
    jobs = dict.fromkeys(names, 0)
    for worker, count in session.execute(counted):
        jobs[str(worker)] = count
    name = min(names, key=lambda each: jobs[each])
    return Route(worker=name) if jobs[name] < MOST_AT_ONE else Route(is_open=False)
