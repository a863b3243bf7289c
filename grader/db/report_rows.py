"""What a report changes when it is saved: its own row, the grade that counts, the audit, what is owed, the course's data."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from grader import wire
from grader.db.counts import count_report
from grader.db.tables import CourseDataRow, GradeChangeRow, ReportRow, SubmissionRow
from grader.db.wishes import owe
from grader.domain.cause import first_cause
from grader.domain.report import DatasetStamp, Report, Verdict
from grader.domain.submission import State
from grader.services.ports import OtherData


def attach(session: Session, row: SubmissionRow, report: Report, now: datetime) -> None:
    """Add a report and let it count, unless it is our fault and an earlier one was not; an LMS is owed what counts."""
    first = wire.dumps(report.feedback[:2]).decode()
    columns = {
        "verdict": report.verdict.value,
        "reason": None if report.reason is None else report.reason.value,
        "score": report.score,
        "max_score": report.max_score,
        "first_feedback": first,
    }
    session.add(
        ReportRow(
            submission_id=row.id, attempt=row.attempt, report=wire.to_json(report), created_at=now, **columns
        )
    )
    old = {"verdict": row.verdict, "score": row.score}
    row.state, row.done_at = State.DONE.value, now
    if row.verdict is None or row.verdict == Verdict.GRADER_ERROR.value or report.score is not None:
        for name, value in columns.items():
            setattr(row, name, value)
        row.cause = first_cause(report)
    if old["verdict"] is not None:
        session.add(_change(row, report, old, now))
    count_report(session, row.lane, report, now, has_run=row.started_at is not None)
    if report.score is not None:
        owe(session, row, now)


def pin(session: Session, row: SubmissionRow, used: DatasetStamp, now: datetime) -> None:
    """Fix the course's data where it is not; two first reports at once are told apart by the primary key.

    OtherData where it is fixed to other.
    """
    key = (row.course_id, row.assignment, used.name)
    pinned = session.get(CourseDataRow, key)
    if pinned is None:
        fresh = CourseDataRow(origin=used.origin, sha256=used.sha256, since=now)
        fresh.course_id, fresh.slug, fresh.dataset = key
        with suppress(IntegrityError), session.begin_nested():
            session.add(fresh)
        pinned = session.get_one(CourseDataRow, key)
    if pinned.sha256 != used.sha256:
        detail = (
            f"graded with {used.origin} {used.name} {used.sha256[:15]}…,"
            f" but this course grades {row.assignment} with {pinned.origin} {pinned.sha256[:15]}…"
        )
        raise OtherData(detail)


def _change(row: SubmissionRow, report: Report, old: dict[str, Any], now: datetime) -> GradeChangeRow:
    """One line of the audit; a fault of ours leaves the grade as it was, and its own action."""
    ours = report.verdict is Verdict.GRADER_ERROR
    return GradeChangeRow(
        submission_id=row.id,
        changed_by=row.regraded_by,
        changed_at=now,
        action="regrade failed" if ours else "regrade",
        old=old,
        new={"verdict": row.verdict, "score": row.score},
        reason=row.regrade_reason or "",
    )
