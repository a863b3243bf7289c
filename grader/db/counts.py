"""Counters in the database: every process adds to the same, in the transaction of what is counted.

So several web processes tell the same numbers, nothing is counted twice that was saved once, and telling them reads a
hundred rows however many submissions there are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.db.count_tables import CountRow
from grader.db.guard_tables import TallyRow
from grader.db.session import Database, insert_into
from grader.db.tallies import count_more, window_start
from grader.domain.report import Report, Verdict
from grader.domain.submission import Lane

REPORTS, FAULTS, LOSSES, TRAININGS, STAGES = "reports", "faults", "losses", "trainings", "stages"
REFUSED = "words_refused"
DIFFERING = "kept_trainings_differing"
NAMES = {Lane.QUICK: "quick", Lane.SLOW: "slow"}
"""What readers call the lanes; queues have their own names."""

EDGES = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)
"""Upper ends of the intervals of stage times, in seconds."""

BEYOND = "inf"
SUM = "sum"
LONGEST = 86_400.0
"""A stage that claims to have taken longer is counted as this long."""

GRADER_ERRORS = "grader_errors"
RECENT = (FAULTS, LOSSES, GRADER_ERRORS)
HOUR, WINDOW = timedelta(hours=1), timedelta(minutes=5)
_PREFIX = "recent "

Key = tuple[str, str]


def count_report(session: Session, lane: str, report: Report, now: datetime, *, has_run: bool) -> None:
    """A report was saved; its stages took time only where a worker had it."""
    name = lane_name(lane)
    counted: dict[Key, float] = {(REPORTS, f"{name},{report.verdict.value}"): 1}
    trained = Counter("kept" if part.training.cached else "fresh" for part in report.parts if part.training)
    counted |= {(TRAININGS, origin): number for origin, number in trained.items()}
    if has_run and report.verdict is not Verdict.GRADER_ERROR:
        counted |= _stages(name, report)
    _add(session, counted)
    if report.verdict is Verdict.GRADER_ERROR:
        _add_recent(session, GRADER_ERRORS, now)


def count_attempt(session: Session, name: str, lane: str, now: datetime) -> None:
    """An attempt ended without a report: `name` is FAULTS or LOSSES."""
    _add(session, {(name, lane_name(lane)): 1})
    _add_recent(session, name, now)


def count_refused(session: Session, why: str) -> None:
    """A word about a job was not believed; `why` is one of `services.ports.WhyRefused`."""
    _add(session, {(REFUSED, why): 1})


def count_differing(session: Session) -> None:
    """A kept training came out otherwise when it was made again."""
    _add(session, {(DIFFERING, ""): 1})


def lane_name(lane: str) -> str:
    """What readers call a lane of a row."""
    return NAMES[Lane(lane)]


class Counts:
    """Reading them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> Mapping[Key, float]:
        """Every counter by name and labels."""
        with self._database.read() as session:
            rows = session.execute(select(CountRow.name, CountRow.labels, CountRow.value))
            return {(name, labels): value for name, labels, value in rows}

    def last_hour(self, now: datetime) -> Mapping[str, int]:
        """Faults, losses and grader errors of the last hour, up to five minutes more."""
        query = (
            select(TallyRow.name, func.sum(TallyRow.count))
            .where(TallyRow.name.in_([_PREFIX + name for name in RECENT]))
            .where(TallyRow.since >= window_start(now - HOUR, WINDOW))
            .group_by(TallyRow.name)
        )
        with self._database.read() as session:
            found = {name.removeprefix(_PREFIX): int(number) for name, number in session.execute(query)}
        return {name: found.get(name, 0) for name in RECENT}


def _stages(lane: str, report: Report) -> dict[Key, float]:
    times = report.timings
    measured = {"queue": times.queue_s, "extract": times.extract_s, "total": times.total_s}
    if any(part.training for part in report.parts):
        measured["train"] = times.train_s
    known = {stage: told for stage, told in measured.items() if told is not None}
    counted: dict[Key, float] = {}
    for stage, told in known.items():
        seconds = min(max(told, 0.0), LONGEST)
        counted[STAGES, f"{lane},{stage},{_interval(seconds)}"] = 1
        counted[STAGES, f"{lane},{stage},{SUM}"] = seconds
    return counted


def _interval(seconds: float) -> str:
    place = bisect_left(EDGES, seconds)
    return BEYOND if place == len(EDGES) else f"{EDGES[place]:g}"


def _add(session: Session, counted: Mapping[Key, float]) -> None:
    """In the order of their names, so that two who add at once wait for each other in the same order."""
    rows = [
        {"name": name, "labels": labels, "value": float(value)}
        for (name, labels), value in sorted(counted.items())
    ]
    fresh = insert_into(session, CountRow).values(rows)
    session.execute(
        fresh.on_conflict_do_update(
            index_elements=["name", "labels"], set_={"value": CountRow.value + fresh.excluded.value}
        )
    )


def _add_recent(session: Session, name: str, now: datetime) -> None:
    since = window_start(now, WINDOW)
    count_more(session, _PREFIX + name, since, expires_at=since + 2 * HOUR)
