"""Which of the submissions in the table counts, for lists and for what an LMS is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.db.tables import SubmissionRow
from grader.domain.course import CountingRule
from grader.domain.errors import Reason
from grader.domain.report import Verdict
from grader.services.counting import Try, counting

COLUMNS = (
    SubmissionRow.id,
    SubmissionRow.student_id,
    SubmissionRow.assignment,
    SubmissionRow.received_at,
    SubmissionRow.verdict,
    SubmissionRow.reason,
    SubmissionRow.score,
    SubmissionRow.max_score,
    SubmissionRow.external,
)
"""What counting needs of a row."""


def counting_row(rows: Sequence[Any], rule: CountingRule) -> Any | None:
    """Of one student's rows for one assignment the one that counts; None where none does."""
    counts = counting(map(_try, rows), rule)
    return next((row for row in rows if counts is not None and row.id == counts.submission), None)


def counting_of(
    session: Session, course: str, student: str, assignment: str, rule: CountingRule
) -> Any | None:
    """The same, with the rows looked up."""
    row = SubmissionRow
    query = select(*COLUMNS).where(
        row.course_id == course, row.assignment == assignment, row.student_id == student
    )
    return counting_row(session.execute(query).all(), rule)


def changed_by_rule(
    session: Session, course: str, before: CountingRule, after: CountingRule
) -> list[tuple[str, str, str]]:
    """Student, assignment, and the submission that counts by the other rule and did not by the one before."""
    row = SubmissionRow
    query = select(*COLUMNS).where(row.course_id == course).order_by(row.student_id, row.assignment)
    changed = []
    for place, group in groupby(session.execute(query), key=lambda row: (row.student_id, row.assignment)):
        rows = list(group)
        was, becomes = counting_row(rows, before), counting_row(rows, after)
        if becomes is not None and becomes is not was:
            changed.append((*place, becomes.id))
    return changed


def _try(row: Any) -> Try:
    said: Mapping[str, Any] = row.external or {}
    series = f"{said.get('source')} {said['submission_id']}".strip() if "submission_id" in said else ""
    return Try(
        submission=row.id,
        received_at=row.received_at,
        verdict=None if row.verdict is None else Verdict(row.verdict),
        reason=None if row.reason is None else Reason(row.reason),
        score=row.score,
        series=series,
        number=int(said.get("attempt", 0)) if series and "numbered_by" not in said else 0,
        handed_in_at=datetime.fromisoformat(said["submitted_at"]) if "submitted_at" in said else None,
    )
