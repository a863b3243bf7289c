"""The lanes as the database shows them, for `services.flow`, and who is alive. Each query walks an index and is bounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.db.session import Database
from grader.db.tables import SubmissionRow, WorkerRow
from grader.db.workers import is_living
from grader.domain.submission import Lack, Lane, State
from grader.services.flow import Flow, LaneFacts, Worker, judge
from grader.services.ports import Patience

MEASURED = 50  # the newest jobs of a lane tell how long the next will take
FEWEST = 3  # of which nothing can be told yet


def living(session: Session, now: datetime, patience: Patience) -> list[Worker]:
    """Who is alive, as `db.workers` judges it."""
    rows = session.scalars(select(WorkerRow).where(*is_living(now, patience)))
    known = {lane.value: lane for lane in Lane}
    return [
        Worker(
            row.name,
            frozenset(known[name] for name in row.queues.split(",") if name in known),
            row.seen_at,
            row.idle_since,
        )
        for row in sorted(rows, key=lambda row: row.name)
    ]


class FlowRows:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def workers(self, now: datetime, patience: Patience) -> Sequence[Worker]:
        """Who is alive."""
        with self._database.read() as session:
            return living(session, now, patience)

    def lanes(self, now: datetime, patience: Patience) -> Mapping[Lane, Flow]:
        """Every lane, and whether it drains."""
        with self._database.read() as session:
            facts = _facts(session, now)
            return judge(facts, living(session, now, patience), now, patience)

    def stopped_since(self, lane: Lane, now: datetime, patience: Patience) -> datetime | None:
        """The same for one lane, at the price of one look into an index while its jobs start."""
        row = SubmissionRow
        newest = select(func.max(row.started_at)).where(row.lane == lane.value)
        with self._database.read() as session:
            started = session.scalar(newest)
        if started is not None and now - started <= timedelta(seconds=patience.stopped):
            return None
        return self.lanes(now, patience)[lane].stopped_since


def _facts(session: Session, now: datetime) -> dict[Lane, LaneFacts]:
    waiting, sent, leases, lacks = _waiting(session), _sent(session), _leases(session), _lacks(session)
    return {
        lane: _lane(session, lane, waiting[lane], sent[lane], leases[lane], lacks[lane], now) for lane in Lane
    }


def _lane(
    session: Session,
    lane: Lane,
    waiting: list[Any],
    sent: int,
    leases: list[datetime],
    lacks: frozenset[Lack],
    now: datetime,
) -> LaneFacts:
    newest = _newest(session, lane)
    silent = [until for until in leases if until <= now]
    done = [row for row in newest if row.done_at is not None]
    last = max(done, key=lambda row: row.done_at, default=None)
    since = min([*(row.since for row in waiting if row.since is not None), *silent], default=None)
    return LaneFacts(
        waiting=sum(row.number for row in waiting),
        sent=sent + len(silent),
        only_regrades=bool(waiting) and all(row.regrades == row.number for row in waiting),
        waiting_since=since if since is not None and since <= now else None,
        alive=len(leases) - len(silent),
        started_at=newest[0].started_at if newest else None,
        ended_at=None if last is None else last.done_at,
        took=timedelta() if last is None else last.done_at - last.started_at,
        work_s=_work(waiting, done),
        lacks=lacks,
    )


def _waiting(session: Session) -> dict[Lane, list[Any]]:
    """Of each assignment in a lane how many are in line, since when the first of them is, and how many are regrades."""
    row = SubmissionRow
    query = (
        select(
            row.lane,
            row.assignment,
            func.count().label("number"),
            func.min(row.waiting_since).label("since"),
            func.count(row.regraded_by).label("regrades"),
        )
        .where(row.state == State.QUEUED.value)
        .group_by(row.lane, row.assignment)
    )
    found = session.execute(query).all()
    return {lane: [each for each in found if each.lane == lane.value] for lane in Lane}


def _sent(session: Session) -> Counter[Lane]:
    row = SubmissionRow
    query = (
        select(row.lane, func.count(row.dispatched_at))
        .where(row.state == State.QUEUED.value)
        .group_by(row.lane)
    )
    return Counter({Lane(lane): number for lane, number in session.execute(query)})


def _leases(session: Session) -> dict[Lane, list[datetime]]:
    """Until when each running job is believed to have a worker: as many as there are workers, few."""
    row = SubmissionRow
    query = select(row.lane, row.lease_until).where(
        row.state == State.RUNNING.value, row.lease_until.is_not(None)
    )
    found = session.execute(query).all()
    return {lane: [until for name, until in found if until and name == lane.value] for lane in Lane}


def _lacks(session: Session) -> dict[Lane, frozenset[Lack]]:
    row = SubmissionRow
    query = (
        select(row.lane, row.waits_for)
        .where(row.state == State.QUEUED.value, row.waits_for.is_not(None))
        .distinct()
    )
    found = session.execute(query).all()
    return {
        lane: frozenset(Lack(lack) for name, lack in found if lack and name == lane.value) for lane in Lane
    }


def _newest(session: Session, lane: Lane) -> Sequence[Any]:
    """The jobs of a lane that started last, the newest first."""
    row = SubmissionRow
    query = (
        select(row.started_at, row.done_at, row.assignment)
        .where(row.lane == lane.value, row.started_at.is_not(None))
        .order_by(row.started_at.desc())
        .limit(MEASURED)
    )
    return session.execute(query).all()


def _work(waiting: Sequence[Any], done: Sequence[Any]) -> float | None:
    """What waits, in seconds of one worker: as long as the newest of its assignment took, else of its lane."""
    took: dict[str, list[float]] = {}
    for row in done:
        took.setdefault(row.assignment, []).append((row.done_at - row.started_at).total_seconds())
    everything = [seconds for each in took.values() for seconds in each]
    if len(everything) < FEWEST:
        return None if waiting else 0.0
    usual = _mean(everything)
    own = {name: _mean(each) for name, each in took.items() if len(each) >= FEWEST}
    return float(sum(row.number * own.get(row.assignment, usual) for row in waiting))


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)
