"""Who has used much of the slow lane lately: served after those who have not, and refused by nobody.

What a run took is a row of `tallies` until an hour after its end; then it is forgotten, and so an hour of waiting gives the first
place back. Grading again is staff's wish and costs nobody; neither does a training that was known, for which a twin may have waited.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, or_, select, tuple_
from sqlalchemy.orm import Session

from grader.db.guard_tables import TallyRow
from grader.db.tables import SubmissionRow
from grader.db.tallies import count_more
from grader.domain.report import Report
from grader.domain.submission import Lane, State
from grader.services.ports import Submission

Person = tuple[str, str]
"""Course and student: each course has budgets of its own."""

COUNTED = timedelta(hours=1)
_PREFIX = "slow "


def spend(session: Session, row: SubmissionRow, report: Report, now: datetime) -> None:
    """Note what a submission that ends now took of its student's budget, in whole seconds."""
    if row.lane != Lane.SLOW.value or row.started_at is None or row.regraded_by is not None or _known(report):
        return
    seconds = round((now - row.started_at).total_seconds())
    if seconds <= 0:
        return
    name = f"{_PREFIX}{row.course_id} {row.student_id}"
    count_more(session, name, now, expires_at=now + COUNTED, by=seconds)


def _known(report: Report) -> bool:
    """Whether it was trained for, and every run had been trained before."""
    trained = [part.training for part in report.parts if part.training]
    return bool(trained) and all(training.cached for training in trained)


def over_budget(session: Session, now: datetime, budget: float) -> Collection[Person]:
    """Whose runs took more than `budget` seconds of the slow lane in the last hour; nobody where it is 0.

    Few: each worker that takes slow jobs brings at most 3600 seconds in an hour.
    """
    if not budget:
        return ()
    used = _ended(session, now) + _running(session, now)
    return [person for person, seconds in used.items() if seconds > budget]


def _ended(session: Session, now: datetime) -> Counter[Person]:
    """Summed here: asked for sums by name, SQLite reads the whole table in the order of names."""
    row = TallyRow
    query = select(row.name, row.count).where(row.expires_at > now, row.name.startswith(_PREFIX))
    used: Counter[Person] = Counter()
    for name, seconds in session.execute(query):
        _, course, student = name.split(" ")
        used[course, student] += seconds
    return used


def _running(session: Session, now: datetime) -> Counter[Person]:
    row = SubmissionRow
    query = select(row.course_id, row.student_id, row.started_at).where(
        row.state == State.RUNNING.value,
        row.lane == Lane.SLOW.value,
        row.regraded_by.is_(None),
    )
    used: Counter[Person] = Counter()
    for course, student, started in session.execute(query):
        used[course, student] += max(0, round((now - started).total_seconds())) if started else 0
    return used


def turn(people: Collection[Person]) -> ColumnElement[int]:
    """By what new submissions are put in order before it is asked when they came: 1 for one of these people, else 0."""
    return case((_is_of(people), 1), else_=0)


def goes_before(submission: Submission, people: Collection[Person]) -> ColumnElement[bool]:
    """What of the new submissions of its lane is served before a new one."""
    older = SubmissionRow.received_at < submission.received_at
    if (submission.course, submission.student) in people:
        return or_(turn(people) == 0, older)
    return and_(turn(people) == 0, older)


def _is_of(people: Collection[Person]) -> ColumnElement[bool]:
    return tuple_(SubmissionRow.course_id, SubmissionRow.student_id).in_(list(people))
