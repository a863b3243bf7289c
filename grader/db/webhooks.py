"""LMSs that send to us: their secrets, whom and what they mean, what they sent. Implements `InboundStore`."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from grader.db.access_tables import LmsIdentityRow
from grader.db.session import Database
from grader.db.tables import MemberRow, UserRow
from grader.db.webhook_tables import (
    InboundDeliveryRow,
    LmsAssignmentRow,
    WebhookEndpointRow,
    WebhookSourceRow,
)
from grader.domain.course import Role
from grader.services.webhook_ports import Received, Source

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

    def received(self, source: str, delivery_id: str) -> tuple[bool, str | None]:
        """Whether this message was accepted before, and the submission that it brought."""
        query = select(InboundDeliveryRow).where(
            InboundDeliveryRow.source_id == source, InboundDeliveryRow.delivery_id == delivery_id
        )
        with self._database.read() as session:
            row = session.scalar(query)
            return row is not None, None if row is None else row.submission_id

    def submission_for(self, source: str, external: tuple[str, int]) -> str | None:
        """Our submission for an LMS's (submission id, attempt)."""
        query = select(InboundDeliveryRow.submission_id).where(
            InboundDeliveryRow.source_id == source,
            InboundDeliveryRow.external_submission == external[0],
            InboundDeliveryRow.external_attempt == external[1],
        )
        with self._database.read() as session:
            return session.scalar(query)

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
    if session.get(MemberRow, (source.course, known.user_id)) is None:
        session.add(MemberRow(course_id=source.course, user_id=known.user_id, role=Role.STUDENT.value))
    return str(known.user_id)


def _address(session: Session, source: str, external_id: str) -> str:
    """An address that reaches nobody; never one that somebody has, so that no accounts merge."""
    plain = _PLAIN.fullmatch(external_id)
    name = external_id if plain else hashlib.sha256(external_id.encode()).hexdigest()[:32]
    address = f"lms-{source}-{name}@invalid"
    if session.scalar(select(UserRow.id).where(UserRow.email == address)) is None:
        return address
    return f"lms-{source}-{name}-{secrets.token_hex(4)}@invalid"
