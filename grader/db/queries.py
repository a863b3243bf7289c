"""Lists for pages and the API: searched, filtered, sorted by a map, paged. Who may see what is a condition of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from grader.db import finding
from grader.db.counting import COLUMNS, counting_row
from grader.db.finding import SORTS, STAFF, Filter
from grader.db.kept import feedback_of, report_of
from grader.db.session import Database
from grader.db.tables import (
    CourseRow,
    GradeChangeRow,
    MemberRow,
    ReportRow,
    SubmissionRow,
    UserRow,
    WorkerRow,
)
from grader.domain.course import CountingRule
from grader.domain.errors import Reason
from grader.domain.message import Message
from grader.domain.report import Report, Verdict
from grader.domain.submission import Stage, State

__all__ = ["SORTS", "Filter", "Queries"]

LARGEST_PAGE = 200
LAST_PAGE = 1_000_000


@dataclass(frozen=True)
class Listed:
    """One line of a list of submissions."""

    id: str
    student: str
    student_name: str
    student_email: str
    course: str
    assignment: str
    file_name: str
    received_at: datetime
    done_at: datetime | None
    state: State
    stage: Stage | None
    verdict: Verdict | None
    reason: Reason | None
    score: float | None
    max_score: float | None
    attempt: int
    feedback: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Page:
    """One page of a list; `total` counts every match."""

    items: Sequence[Listed]
    total: int
    page: int
    page_size: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.page_size))


@dataclass(frozen=True)
class GradeLine:
    """What one student has for one assignment."""

    student: str
    student_name: str
    student_email: str
    assignment: str
    tries: int
    submission: str | None
    score: float | None
    max_score: float | None


@dataclass(frozen=True)
class OldReport:
    """A report of one attempt."""

    attempt: int
    created_at: datetime
    report: Report


@dataclass(frozen=True)
class GradeChange:
    """One line of the audit."""

    changed_by: str | None
    changed_at: datetime
    action: str
    reason: str
    old: Mapping[str, Any] = field(default_factory=dict)
    new: Mapping[str, Any] = field(default_factory=dict)


class Queries:
    """Read-only lists on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def submissions(self, wanted: Filter) -> Page:
        """One page of the submissions that match and that the viewer may see."""
        size = max(1, min(wanted.page_size, LARGEST_PAGE))
        page = max(1, min(wanted.page, LAST_PAGE))
        with self._database.read() as session:
            total, ids = finding.page(session, wanted, size, (page - 1) * size)
            rows = {row.id: (row, user, course) for row, user, course in session.execute(_whole(ids))}
        return Page([_listed(*rows[each]) for each in ids], total, page, size)

    def ids(self, wanted: Filter) -> Sequence[str]:
        """Every submission that matches, oldest first, whatever the page."""
        with self._database.read() as session:
            return finding.every(session, wanted)

    def may_see(self, submission: str, viewer: str) -> str | None:
        """How somebody may see a submission: `staff`, `own`, or None for not at all."""
        with self._database.read() as session:
            row = session.get(SubmissionRow, submission)
            if row is None:
                return None
            if _is_staff(session, row.course_id, viewer):
                return "staff"
            return "own" if row.student_id == viewer else None

    def reports(self, submission: str) -> Sequence[OldReport]:
        """Every report of a submission, the newest first."""
        query = (
            select(ReportRow).where(ReportRow.submission_id == submission).order_by(ReportRow.attempt.desc())
        )
        with self._database.read() as session:
            return [OldReport(row.attempt, row.created_at, report_of(row)) for row in session.scalars(query)]

    def changes(self, submission: str) -> Sequence[GradeChange]:
        """The audit of one submission, oldest first; `changed_by` is a display name."""
        query = (
            select(GradeChangeRow, UserRow.display_name)
            .outerjoin(UserRow, UserRow.id == GradeChangeRow.changed_by)
            .where(GradeChangeRow.submission_id == submission)
            .order_by(GradeChangeRow.changed_at)
        )
        with self._database.read() as session:
            return [
                GradeChange(name, row.changed_at, row.action, row.reason, row.old, row.new)
                for row, name in session.execute(query)
            ]

    def grades(self, course: str, rule: CountingRule, student: str | None = None) -> Iterator[GradeLine]:
        """For every student and assignment the attempt that counts."""
        query = (
            select(*COLUMNS, UserRow.display_name, UserRow.email)
            .join(UserRow, UserRow.id == SubmissionRow.student_id)
            .where(SubmissionRow.course_id == course)
            .order_by(UserRow.email, SubmissionRow.assignment)
        )
        if student is not None:
            query = query.where(SubmissionRow.student_id == student)
        with self._database.read(as_long_as_it_takes=student is None) as session:
            rows = session.execute(query).all()
        for _, group in groupby(rows, key=lambda row: (row.student_id, row.assignment)):
            yield _grade(list(group), rule)

    def worker_age(self, now: datetime) -> float | None:
        """Seconds since any grading worker was heard of; None where none ever was."""
        with self._database.read() as session:
            seen = session.scalar(select(func.max(WorkerRow.seen_at)))
        return None if seen is None else max(0.0, (now - seen) / timedelta(seconds=1))


def _whole(ids: Sequence[str]) -> Any:
    """The rows of one page, with whose they are; the source is not shown in lists."""
    return (
        select(SubmissionRow, UserRow, CourseRow.slug)
        .join(UserRow, UserRow.id == SubmissionRow.student_id)
        .join(CourseRow, CourseRow.id == SubmissionRow.course_id)
        .where(SubmissionRow.id.in_(ids))
        .options(defer(SubmissionRow.source))
    )


def _is_staff(session: Session, course: str, viewer: str) -> bool:
    user = session.get(UserRow, viewer)
    if user is not None and user.is_admin:
        return True
    member = session.get(MemberRow, (course, viewer))
    return member is not None and member.role in STAFF


def _listed(row: SubmissionRow, user: UserRow, course: str) -> Listed:
    return Listed(
        id=row.id,
        student=row.student_id,
        student_name=user.display_name,
        student_email=user.email,
        course=course,
        assignment=row.assignment,
        file_name=row.file_name,
        received_at=row.received_at,
        done_at=row.done_at,
        state=State(row.state),
        stage=None if row.stage is None else Stage(row.stage),
        verdict=None if row.verdict is None else Verdict(row.verdict),
        reason=None if row.reason is None else Reason(row.reason),
        score=row.score,
        max_score=row.max_score,
        attempt=row.attempt,
        feedback=feedback_of(row.first_feedback, row.id),
    )


def _grade(rows: Sequence[Any], rule: CountingRule) -> GradeLine:
    first = rows[0]
    chosen = counting_row(rows, rule)
    return GradeLine(
        student=first.student_id,
        student_name=first.display_name,
        student_email=first.email,
        assignment=first.assignment,
        tries=len(rows),
        submission=None if chosen is None else chosen.id,
        score=None if chosen is None else chosen.score,
        max_score=None if chosen is None else chosen.max_score,
    )
