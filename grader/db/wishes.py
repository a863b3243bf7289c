"""Writing down what endpoints are owed, in the transaction of whatever changes a grade.

A change of one grade holds its course's row shared, a change of many holds it alone: neither misses the other, and both
lock wishes in one order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from grader.db.columns import new_id
from grader.db.erasing import not_erased
from grader.db.outgoing import least_number
from grader.db.session import insert_into
from grader.db.tables import CourseRow, SubmissionRow
from grader.db.webhook_tables import WebhookEndpointRow
from grader.db.wish_tables import WEBHOOK, WishRow
from grader.domain.report import Verdict
from grader.services.webhook_ports import Progress

BATCH = 500

Subject = tuple[str, str, str]
"""Student, assignment, and the submission that a message is to speak of."""


def owe(session: Session, row: SubmissionRow, now: datetime) -> None:
    """A report of this submission was saved: every endpoint of its course is owed it, also one that is off."""
    session.execute(select(CourseRow.id).where(CourseRow.id == row.course_id).with_for_update(read=True))
    owe_all(session, row.course_id, [(row.student_id, row.assignment, row.id)], now)


def hold(session: Session, course: str) -> None:
    """Let nobody change a grade of the course, or who hears of it, before this transaction is over.

    FOR NO KEY UPDATE: whoever has just inserted a row that refers to the course goes on, and then waits for us.
    """
    session.execute(select(CourseRow.id).where(CourseRow.id == course).with_for_update(key_share=True))


def owe_all(
    session: Session, course: str, subjects: Iterable[Subject], now: datetime, endpoint: str | None = None
) -> int:
    """A new wish about each of these to one endpoint, or to all of the course; how many. Nobody hears of who was erased."""
    to = WebhookEndpointRow
    endpoints = select(to.id).where(
        to.course_id == course, *([] if endpoint is None else [to.id == endpoint])
    )
    receivers = sorted(session.scalars(endpoints))
    ordered = sorted(subjects)
    people = not_erased(session, sorted({student for student, _, _ in ordered})) if receivers else set()
    least = max(1, least_number(session))
    owed = [
        _fresh(course, one, subject, now, least)
        for one in receivers
        for subject in ordered
        if subject[0] in people
    ]
    for batch in _batches(owed):
        session.execute(_newest(session, batch, least))
    return len(owed)


def untold(session: Session, course: str, endpoint: str) -> Sequence[Subject]:
    """Whom an endpoint was never owed anything about: each student and assignment with a report, and its newest one."""
    row, known = SubmissionRow, WishRow
    place = (row.student_id, row.assignment)
    newest = func.row_number().over(partition_by=place, order_by=(row.done_at.desc(), row.id.desc()))
    reported = (
        select(*place, row.id, newest.label("place"))
        .where(row.course_id == course, row.verdict.is_not(None), row.verdict != Verdict.GRADER_ERROR.value)
        .subquery()
    )
    there = (
        select(known.id)
        .where(known.receiver_kind == WEBHOOK, known.receiver_id == endpoint)
        .where(known.student_id == reported.c.student_id, known.assignment == reported.c.assignment)
        .exists()
    )
    query = select(reported.c.student_id, reported.c.assignment, reported.c.id)
    found = session.execute(query.where(reported.c.place == 1, ~there))
    return [(student, assignment, submission) for student, assignment, submission in found]


def _fresh(course: str, endpoint: str, subject: Subject, now: datetime, least: int) -> dict[str, Any]:
    student, assignment, submission = subject
    return {
        "id": new_id(),
        "receiver_kind": WEBHOOK,
        "receiver_id": endpoint,
        "course_id": course,
        "student_id": student,
        "assignment": assignment,
        "submission_id": submission,
        "number": least,
        "wished_at": now,
        "state": Progress.WAITING.value,
        "attempts": 0,
        "next_try_at": now,
        "told_number": 0,
    }


def _newest(session: Session, fresh: Sequence[dict[str, Any]], least: int) -> Any:
    """The statement that puts the newest wish in the place of an older one, told or not, and leaves a sender its claim."""
    following = WishRow.number + 1
    statement = insert_into(session, WishRow).values(list(fresh))
    keep = ("submission_id", "wished_at", "state", "attempts", "next_try_at")
    return statement.on_conflict_do_update(
        index_elements=["receiver_kind", "receiver_id", "student_id", "assignment"],
        set_={name: statement.excluded[name] for name in keep}
        | {"number": case((following < least, least), else_=following), "message_id": None},
    )


def _batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
