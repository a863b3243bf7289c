"""What a message is made of, as the database has it while the wish is held; and what staff see of a wish."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session

from grader.db.counting import counting_of
from grader.db.endpoints import endpoint_of
from grader.db.kept import report_of
from grader.db.submission_rows import to_submission
from grader.db.tables import CourseRow, ReportRow, SubmissionRow, UserRow
from grader.db.webhook_tables import WebhookEndpointRow
from grader.db.wish_tables import WEBHOOK, WishRow, WishTryRow
from grader.domain.course import CountingRule
from grader.domain.report import Verdict
from grader.services.webhook_ports import Owed, Progress, Try, Wished

LATER = timedelta(milliseconds=1)
"""By how much at least a message's time is later than that of the one before, whatever the clock says."""


def wished_of(session: Session, row: WishRow) -> Wished:
    """All that a message about this wish can say."""
    submission = session.get_one(SubmissionRow, row.submission_id)
    rule = CountingRule(session.get_one(CourseRow, row.course_id).rule)
    counts = counting_of(session, row.course_id, row.student_id, row.assignment, rule)
    return Wished(
        submission=to_submission(submission),
        report=report_of(_report(session, submission.id)),
        language=session.get_one(UserRow, row.student_id).language or submission.language,
        rule=rule,
        counting=None if counts is None else counts.id,
        score=None if counts is None else counts.score,
        max_score=submission.max_score if counts is None else counts.max_score,
        number=row.number,
        at=row.wished_at if row.said_at is None else max(row.wished_at, row.said_at + LATER),
    )


def listed() -> Select[Any]:
    """Wishes of webhooks with their endpoint and the student's name."""
    to = WebhookEndpointRow
    columns: tuple[Any, ...] = (WishRow, to, UserRow.display_name)
    return (
        select(*columns)
        .join(to, to.id == WishRow.receiver_id)
        .join(UserRow, UserRow.id == WishRow.student_id)
        .where(WishRow.receiver_kind == WEBHOOK)
    )


def owed_of(session: Session, lines: Iterable[Any], now: datetime) -> list[Owed]:
    """What lines of `listed` say, each with the tries of its newest message."""
    kept = list(lines)
    messages = [row.message_id for row, _, _ in kept if row.message_id is not None]
    tries: dict[str, list[Try]] = {}
    query = select(WishTryRow).where(WishTryRow.message_id.in_(messages)).order_by(WishTryRow.tried_at)
    for one in session.scalars(query):
        tries.setdefault(one.message_id, []).append(Try(one.tried_at, one.status, one.error))
    return [
        Owed(
            id=row.id,
            endpoint=endpoint_of(to, now),
            submission=row.submission_id,
            student_name=student,
            assignment=row.assignment,
            state=Progress(row.state),
            attempts=row.attempts,
            next_try_at=row.next_try_at,
            wished_at=row.wished_at,
            tries=tuple(tries.get(row.message_id or "", ())),
        )
        for row, to, student in kept
    ]


def _report(session: Session, submission: str) -> ReportRow:
    """The one that counts: the newest that is no fault of ours."""
    ours_last = case((ReportRow.verdict == Verdict.GRADER_ERROR.value, 1), else_=0)
    query = select(ReportRow).where(ReportRow.submission_id == submission)
    return session.scalars(query.order_by(ours_last, ReportRow.attempt.desc()).limit(1)).one()
