"""Every table. Rows stay inside `grader.db`; `store.py` and its neighbours turn them into values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, MetaData, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from grader.db.columns import UtcDateTime, new_id, utc_now
from grader.domain.cause import LONGEST

Id = String(26)
Hash = String(64)


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can address them on any database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, str: String(255)}  # noqa: RUF012


_KEYED = text("idempotency_key IS NOT NULL AND origin <> 'lms'")
"""Few: keys are forgotten after a time (see `retention.py`)."""


def _id() -> Mapped[str]:
    return mapped_column(Id, primary_key=True, default=new_id)


def _to(target: str, *, index: bool = False) -> Mapped[Any]:
    return mapped_column(Id, ForeignKey(target), index=index)


class UserRow(Base):
    """Somebody who may sign in; `email` is case-folded."""

    __tablename__ = "users"
    id: Mapped[str] = _id()
    email: Mapped[str] = mapped_column(String(320), unique=True)
    display_name: Mapped[str] = mapped_column(index=True)
    password_hash: Mapped[str | None]
    is_admin: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(8), default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class CourseRow(Base):
    """One course; `rule` is `best` or `last`."""

    __tablename__ = "courses"
    id: Mapped[str] = _id()
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str]
    join_code: Mapped[str] = mapped_column(String(32), unique=True)
    rule: Mapped[str] = mapped_column(String(8), default="best")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class MemberRow(Base):
    """One person's role in one course."""

    __tablename__ = "members"
    course_id: Mapped[str] = mapped_column(Id, ForeignKey("courses.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(16))
    joined_at: Mapped[datetime] = mapped_column(default=utc_now)


class CourseAssignmentRow(Base):
    """An assignment on a course's list; `plan` is `class` or `document`."""

    __tablename__ = "course_assignments"
    course_id: Mapped[str] = mapped_column(Id, ForeignKey("courses.id"), primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), primary_key=True)
    position: Mapped[int]
    plan: Mapped[str] = mapped_column(String(16), default="class", server_default="class")
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]


class CourseDataRow(Base):
    """The data that the first trained report of an assignment in a course used, and every later one must."""

    __tablename__ = "course_data"
    course_id: Mapped[str] = mapped_column(Id, ForeignKey("courses.id"), primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), primary_key=True)
    dataset: Mapped[str] = mapped_column(String(80), primary_key=True)
    origin: Mapped[str] = mapped_column(String(16))
    sha256: Mapped[str] = mapped_column(String(80))
    since: Mapped[datetime]


class SubmissionRow(Base):
    """The truth about one submission; `verdict`, `score` … copy the report that counts, for fast lists.

    `content_sha256` is of the bytes as they were handed in; None for submissions from before it was kept. `worker` is who
    has the attempt, or had it; `waits_for` what no living worker has (see `domain.submission.Lack`). `waiting_since` is
    when it last began to wait for a worker, however often it was sent since. `erased_at`: its words are gone since, and the row
    is never changed any more; triggers see to both.
    """

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("student_id", "idempotency_key"),
        Index("ix_submissions_queue", "state", "lane", "dispatched_at"),
        Index("ix_submissions_waiting", "state", "lane", "waiting_since", "assignment", "regraded_by"),
        Index("ix_submissions_measured", "lane", "started_at", "done_at", "assignment"),
        Index("ix_submissions_course_received", "course_id", "received_at", "id"),
        Index("ix_submissions_course_score", "course_id", "score", "id"),
        Index(
            "ix_submissions_course_assignment", "course_id", "assignment", "student_id", "received_at", "id"
        ),
        Index("ix_submissions_course_verdict", "course_id", "verdict", "received_at", "id"),
        Index("ix_submissions_course_file_name", "course_id", "file_name"),
        Index("ix_submissions_course_cause", "course_id", "assignment", "cause"),
        Index("ix_submissions_student", "student_id", "received_at", "id"),
        Index("ix_submissions_received", "received_at", "id"),
        Index("ix_submissions_keys", "received_at", sqlite_where=_KEYED, postgresql_where=_KEYED),
    )
    id: Mapped[str] = _id()
    student_id: Mapped[str] = _to("users.id")
    course_id: Mapped[str] = _to("courses.id")
    assignment: Mapped[str] = mapped_column(String(80))
    assignment_version: Mapped[str] = mapped_column(String(80))
    source: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str]
    origin: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(8), default="en")
    external: Mapped[dict[str, Any]] = mapped_column(default=dict)
    idempotency_key: Mapped[str | None]
    content_sha256: Mapped[str | None] = mapped_column(Hash)
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8))
    stage: Mapped[str | None] = mapped_column(String(8))
    lane: Mapped[str] = mapped_column(String(32), default="grading")
    attempt: Mapped[int] = mapped_column(default=0)
    faults: Mapped[int] = mapped_column(default=0)
    losses: Mapped[int] = mapped_column(default=0)
    fault_detail: Mapped[str | None] = mapped_column(Text)
    worker: Mapped[str | None]
    waits_for: Mapped[str | None] = mapped_column(String(16))
    not_before: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]
    dispatched_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    verdict: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(32))
    score: Mapped[float | None]
    max_score: Mapped[float | None]
    first_feedback: Mapped[str | None] = mapped_column(Text)
    cause: Mapped[str | None] = mapped_column(String(LONGEST))
    regraded_by: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    regrade_reason: Mapped[str | None] = mapped_column(Text)
    erased_at: Mapped[datetime | None]
    student: Mapped[UserRow] = relationship(foreign_keys=[student_id])


class ReportRow(Base):
    """One report, never changed but for its words, once (see `erased.py`); `report` is the JSON of `wire`, `first_feedback` a message as JSON."""

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("submission_id", "attempt"),)
    id: Mapped[str] = _id()
    submission_id: Mapped[str] = _to("submissions.id")
    attempt: Mapped[int]
    report: Mapped[dict[str, Any]]
    verdict: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(32))
    score: Mapped[float | None]
    max_score: Mapped[float]
    first_feedback: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class GradeChangeRow(Base):
    """Append-only: who changed which grade, when, why; `changed_by` None means the system."""

    __tablename__ = "grade_changes"
    id: Mapped[str] = _id()
    submission_id: Mapped[str] = _to("submissions.id", index=True)
    changed_by: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    changed_at: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(32))
    old: Mapped[dict[str, Any]]
    new: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text, default="")


class WorkerRow(Base):
    """A worker's last word; `idle_since` None means that it is at work.

    `can` is the version of each assignment that it has, None where it said nothing of that; `cannot` what it gave back
    lately: assignment, or "" for all, → {lack, until}. `left_at`: it ended as planned; `died_at`: it ended over a job;
    `deaf_at`: it takes none any more. `canary` is the hash of what its own small training gave, `canary_about` what it trained with.
    """

    __tablename__ = "workers"
    name: Mapped[str] = mapped_column(primary_key=True)
    queues: Mapped[str]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    idle_since: Mapped[datetime | None]
    can: Mapped[dict[str, Any] | None]
    cannot: Mapped[dict[str, Any] | None]
    left_at: Mapped[datetime | None]
    died_at: Mapped[datetime | None]
    deaf_at: Mapped[datetime | None]
    canary: Mapped[str | None] = mapped_column(String(200))
    canary_about: Mapped[str | None] = mapped_column(String(200))


class AssignmentVersionRow(Base):
    """What a version of an assignment was worth when it was first seen; `checks` has the points of each by part and id."""

    __tablename__ = "assignment_versions"
    slug: Mapped[str] = mapped_column(String(80), primary_key=True)
    version: Mapped[str] = mapped_column(String(80), primary_key=True)
    max_score: Mapped[float]
    checks: Mapped[dict[str, Any]]
    first_seen: Mapped[datetime]
