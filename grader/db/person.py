"""All that the tables keep about one person, as plain values: for whoever asks what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.db.access_tables import ApiTokenRow, LmsIdentityRow, OneTimeLinkRow, SignInRow
from grader.db.cause_tables import CauseHintRow
from grader.db.erasure_tables import ErasureRow
from grader.db.guard_tables import CourseChangeRow
from grader.db.session import Database
from grader.db.tables import CourseRow, GradeChangeRow, MemberRow, SubmissionRow, UserRow
from grader.db.webhook_tables import WebhookEndpointRow, WebhookSourceRow
from grader.db.wish_tables import WishMessageRow, WishRow

Lines = list[dict[str, Any]]


class PersonRows:
    """What is known of people, on one database. No secret is in it, hashed or not."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, user: str) -> dict[str, Any]:
        """Everything but what was handed in; tables by their subject, times as datetimes."""
        with self._database.read() as session:
            return {
                "account": _account(session, user),
                "erasure": _lines(
                    session,
                    select(ErasureRow.erased_at, ErasureRow.erased_by, ErasureRow.why).where(
                        ErasureRow.user_id == user
                    ),
                ),
                "memberships": _lines(
                    session,
                    select(CourseRow.slug.label("course"), CourseRow.title, MemberRow.role, MemberRow.joined_at)
                    .join(CourseRow, CourseRow.id == MemberRow.course_id)
                    .where(MemberRow.user_id == user)
                    .order_by(CourseRow.slug),
                ),
                "roles_given": _roles(session, user),
                **_ways_in(session, user),
                "known_to_an_lms_as": _lines(
                    session,
                    select(WebhookSourceRow.name.label("source"), LmsIdentityRow.external_id, LmsIdentityRow.created_at)
                    .join(WebhookSourceRow, WebhookSourceRow.id == LmsIdentityRow.source_id)
                    .where(LmsIdentityRow.user_id == user),
                ),
                "told_to_an_lms": _told(session, user),
                "grades_of_others_changed": _changed_by(session, user),
                "hints_written": _lines(
                    session,
                    select(CauseHintRow.assignment, CauseHintRow.cause, CauseHintRow.text, CauseHintRow.written_at)
                    .where(CauseHintRow.written_by == user),
                ),
            }  # fmt: skip

    def submissions(self, user: str) -> Sequence[str]:
        """Ids, the oldest first."""
        query = select(SubmissionRow.id).where(SubmissionRow.student_id == user)
        with self._database.read() as session:
            return list(session.scalars(query.order_by(SubmissionRow.received_at, SubmissionRow.id)))


def _account(session: Session, user: str) -> dict[str, Any]:
    row = session.get_one(UserRow, user)
    return {
        "id": row.id,
        "email": row.email,
        "name": row.display_name,
        "language": row.language,
        "is_administrator": row.is_admin,
        "has_password": row.password_hash is not None,
        "created_at": row.created_at,
    }


def _ways_in(session: Session, user: str) -> dict[str, Lines]:
    signed, token, link = SignInRow, ApiTokenRow, OneTimeLinkRow
    return {
        "sign_ins": _lines(
            session, select(signed.created_at, signed.expires_at).where(signed.user_id == user)
        ),
        "tokens": _lines(
            session, select(token.label, token.created_at, token.expires_at).where(token.user_id == user)
        ),
        "links": _lines(
            session,
            select(link.purpose, link.created_at, link.expires_at, link.used_at).where(link.user_id == user),
        ),
    }


def _roles(session: Session, user: str) -> Lines:
    """Lines of the audits of courses that are about this person."""
    row = CourseChangeRow
    query = (
        select(CourseRow.slug.label("course"), row.changed_at, row.action, row.old, row.new)
        .join(CourseRow, CourseRow.id == row.course_id)
        .where(row.subject == user)
    )
    return _lines(session, query.order_by(row.id))


def _told(session: Session, user: str) -> Lines:
    row, made = WishRow, WishMessageRow
    query = (
        select(WebhookEndpointRow.url, made.created_at, made.payload)
        .join(row, row.id == made.wish_id)
        .join(WebhookEndpointRow, WebhookEndpointRow.id == row.receiver_id)
        .where(row.student_id == user)
    )
    return _lines(session, query.order_by(made.id))


def _changed_by(session: Session, user: str) -> Lines:
    """What this person, as staff, had graded again."""
    row = GradeChangeRow
    others = select(SubmissionRow.id).where(SubmissionRow.student_id == user)
    query = select(row.submission_id, row.changed_at, row.action, row.reason).where(
        row.changed_by == user, row.submission_id.not_in(others)
    )
    return _lines(session, query.order_by(row.id))


def _lines(session: Session, query: Any) -> Lines:
    return [dict(line) for line in session.execute(query).mappings()]
