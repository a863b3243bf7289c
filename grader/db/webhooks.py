"""LMSs that send to us: their secrets, whom and what they mean, what they sent. Implements `InboundStore`."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, defer

from grader.db.access_tables import LmsIdentityRow
from grader.db.session import Database
from grader.db.tables import MemberRow, SubmissionRow, UserRow
from grader.db.webhook_tables import (
    InboundDeliveryRow,
    LmsAssignmentRow,
    WebhookEndpointRow,
    WebhookSourceRow,
)
from grader.domain.course import Role
from grader.services.ports import Origin
from grader.services.webhook_ports import HandedIn, Received, Source

ROTATION = timedelta(hours=24)
_PLAIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class SourceRows:
    """Sources on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, course: str, name: str, secret: str) -> bool:
        """A new source of a course, or a removed one of that course again, with its people; False where it is taken."""
        with self._database.write() as session:
            row = _by_name(session, name)
            if row is not None and (row.enabled or row.course_id != course):
                return False
            row = row or WebhookSourceRow(name=name, course_id=course)
            row.secret, row.previous_secret, row.previous_until, row.enabled = secret, None, None, True
            session.add(row)
            return True

    def rotate(self, name: str, secret: str, now: datetime) -> bool:
        """A new secret; the old one is accepted for a day more. False for an unknown source."""
        with self._database.write() as session:
            row = _by_name(session, name)
            if row is None or not row.enabled:
                return False
            change_secret(row, secret, now)
            return True

    def remove(self, name: str) -> bool:
        """Accept nothing more from a source; what it sent and whom it means is kept. False for an unknown one."""
        with self._database.write() as session:
            row = _by_name(session, name)
            if row is None or not row.enabled:
                return False
            row.enabled, row.previous_secret, row.previous_until = False, None, None
            return True

    def map_assignment(self, source: str, external_id: str, slug: str) -> None:
        """Write down which of our assignments a source means."""
        with self._database.write() as session:
            session.merge(LmsAssignmentRow(source_id=source, external_id=external_id, slug=slug))

    def sources(self, now: datetime, course: str | None = None) -> Sequence[Source]:
        """Every enabled source, by name."""
        query = select(WebhookSourceRow).where(WebhookSourceRow.enabled).order_by(WebhookSourceRow.name)
        if course is not None:
            query = query.where(WebhookSourceRow.course_id == course)
        with self._database.read() as session:
            return [_source(row, now) for row in session.scalars(query)]

    def source(self, name: str, now: datetime) -> Source | None:
        """One source by name."""
        with self._database.read() as session:
            row = _by_name(session, name)
            return None if row is None else _source(row, now)

    def assignment_for(self, source: str, external_id: str) -> str | None:
        """The slug that a source means by one of its own assignment ids, where that was written down."""
        with self._database.read() as session:
            row = session.get(LmsAssignmentRow, (source, external_id))
            return None if row is None else row.slug

    def student_for(self, source: Source, external_id: str, display_name: str) -> str:
        """The user that a source means; made, as a student of its course, when first heard of."""
        try:
            with self._database.write() as session:
                return _student(session, source, external_id, display_name)
        except IntegrityError:  # another process has just made the same person
            with self._database.write() as session:
                return _student(session, source, external_id, display_name)

    def received(self, source: str, delivery_id: str) -> Received | None:
        """The message that was accepted under this id, where there is one."""
        query = select(InboundDeliveryRow).where(
            InboundDeliveryRow.source_id == source, InboundDeliveryRow.delivery_id == delivery_id
        )
        with self._database.read() as session:
            row = session.scalar(query)
            if row is None:
                return None
            return Received(source, delivery_id, row.event, row.body_sha256, row.submission_id)

    def handed_in(self, source: str, submission: str, user: str) -> Sequence[HandedIn]:
        """Every attempt that came under an LMS's submission id, the newest number first.

        Of this user also what was saved by a process that has not yet written its message down, or died before.
        """
        noted = select(InboundDeliveryRow.submission_id).where(
            InboundDeliveryRow.source_id == source, InboundDeliveryRow.external_submission == submission
        )
        person = select(LmsIdentityRow.user_id).where(
            LmsIdentityRow.source_id == source, LmsIdentityRow.external_id == user
        )
        row = SubmissionRow
        theirs = (
            row.student_id.in_(person),
            row.origin == Origin.LMS.value,
            row.idempotency_key.startswith(f"lms:{source}:"),
        )
        found: dict[str, HandedIn] = {}
        with self._database.read() as session:
            for condition in (row.id.in_(noted), and_(*theirs)):
                for one in session.scalars(select(row).where(condition).options(defer(row.source))):
                    if str(one.external.get("submission_id", "")).strip() == submission:
                        found[one.id] = _handed_in(one)
        return sorted(found.values(), key=lambda one: one.attempt, reverse=True)

    def note_received(self, received: Received) -> bool:
        """Write an accepted message down; False where another process was quicker."""
        name, attempt = received.external or (None, None)
        row = InboundDeliveryRow(
            source_id=received.source,
            delivery_id=received.delivery_id,
            event=received.event,
            body_sha256=received.body_sha256,
            submission_id=received.submission,
            external_submission=name,
            external_attempt=attempt,
        )
        try:
            with self._database.write() as session:
                session.add(row)
        except IntegrityError:
            return False
        return True


def change_secret(row: WebhookSourceRow | WebhookEndpointRow, secret: str, now: datetime) -> None:
    """Put a new secret in place; the one before counts for a day more."""
    row.previous_secret, row.previous_until = row.secret, now + ROTATION
    row.secret = secret


def secrets_of(row: WebhookSourceRow | WebhookEndpointRow, now: datetime) -> tuple[str, ...]:
    """The secrets that count at that moment, the newest first."""
    if row.previous_secret is None or row.previous_until is None or row.previous_until <= now:
        return (row.secret,)
    return row.secret, row.previous_secret


def _by_name(session: Session, name: str) -> WebhookSourceRow | None:
    return session.scalar(select(WebhookSourceRow).where(WebhookSourceRow.name == name))


def _source(row: WebhookSourceRow, now: datetime) -> Source:
    return Source(row.id, row.name, row.course_id or "", secrets_of(row, now), row.enabled)


def _handed_in(row: SubmissionRow) -> HandedIn:
    """As the LMS said it; of submissions from before the bytes were kept, the source stands for them."""
    said = row.external
    return HandedIn(
        attempt=int(said.get("attempt", 1)),
        submission=row.id,
        user=str(said.get("user_id", "")).strip(),
        assignment=str(said.get("assignment_id", "")).strip(),
        slug=row.assignment,
        content_sha256=row.content_sha256 or hashlib.sha256(row.source.encode()).hexdigest(),
        submitted_at=datetime.fromisoformat(said["submitted_at"])
        if "submitted_at" in said
        else row.received_at,
    )


def _student(session: Session, source: Source, external_id: str, display_name: str) -> str:
    known = session.get(LmsIdentityRow, (source.id, external_id))
    if known is None:
        user = UserRow(
            email=_address(session, source.name, external_id),
            display_name=display_name[:255] or external_id,
            password_hash=None,
        )
        session.add(user)
        session.flush()
        known = LmsIdentityRow(source_id=source.id, external_id=external_id, user_id=user.id)
        session.add(known)
        session.flush()
    elif display_name:
        _name_at_last(session, str(known.user_id), external_id, display_name)
    if session.get(MemberRow, (source.course, known.user_id)) is None:
        session.add(MemberRow(course_id=source.course, user_id=known.user_id, role=Role.STUDENT.value))
    return str(known.user_id)


def _name_at_last(session: Session, user: str, external_id: str, display_name: str) -> None:
    """Who was first heard of without a name is shown by an id, until a message has the name."""
    row = session.get_one(UserRow, user)
    if row.display_name == external_id[:255]:
        row.display_name = display_name[:255]


def _address(session: Session, source: str, external_id: str) -> str:
    """An address that reaches nobody; never one that somebody has, so that no accounts merge."""
    plain = _PLAIN.fullmatch(external_id)
    name = external_id if plain else hashlib.sha256(external_id.encode()).hexdigest()[:32]
    address = f"lms-{source}-{name}@invalid"
    if session.scalar(select(UserRow.id).where(UserRow.email == address)) is None:
        return address
    return f"lms-{source}-{name}-{secrets.token_hex(4)}@invalid"
