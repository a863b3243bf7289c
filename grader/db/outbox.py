"""Endpoints that hear of grades, and every message to them. Implements `services.webhook_ports.OutboundStore`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, and_, delete, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, defer

from grader.db.columns import id_floor
from grader.db.session import Database
from grader.db.tables import CourseRow, ReportRow, SubmissionRow
from grader.db.webhook_tables import WebhookDeliveryRow, WebhookEndpointRow, WebhookTryRow
from grader.db.webhooks import change_secret, secrets_of
from grader.domain.course import CountingRule
from grader.domain.report import Verdict
from grader.services.webhook_ports import TEST, After, Delivery, Endpoint, Owed, Progress, Try

BATCH = 50
LISTED = 200
BY_AN_OPERATOR = "An operator has switched it off."
WAITING = Progress.WAITING.value


class OutboxRows:
    """Endpoints and the outbox on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_endpoint(self, course: str, url: str, secret: str) -> str:
        """A new endpoint; its id."""
        with self._database.write() as session:
            row = WebhookEndpointRow(course_id=course, url=url, secret=secret)
            session.add(row)
            session.flush()
            return row.id

    def rotate(self, endpoint: str, secret: str, now: datetime) -> bool:
        """A new secret; both sign for a day. False for an unknown endpoint."""
        with self._database.write() as session:
            row = session.get(WebhookEndpointRow, endpoint)
            if row is not None:
                change_secret(row, secret, now)
            return row is not None

    def remove(self, endpoint: str) -> bool:
        """Forget an endpoint and every message to it. False for an unknown one."""
        row = WebhookDeliveryRow
        sent = select(row.id).where(row.endpoint_id == endpoint)
        with self._database.write() as session:
            session.execute(delete(WebhookTryRow).where(WebhookTryRow.delivery_id.in_(sent)))
            session.execute(delete(row).where(row.endpoint_id == endpoint))
            return _changed(session, delete(WebhookEndpointRow).where(WebhookEndpointRow.id == endpoint))

    def enable(self, endpoint: str) -> bool:
        """Send there again. False for an unknown endpoint."""
        change = update(WebhookEndpointRow).where(WebhookEndpointRow.id == endpoint)
        with self._database.write() as session:
            return _changed(session, change.values(enabled=True, disabled_reason=None))

    def disable_endpoint(self, endpoint: str, reason: str) -> bool:
        """Send nothing more there; what waits is given up. False for an unknown one."""
        with self._database.write() as session:
            _switch_off(session, endpoint, reason)
            return session.get(WebhookEndpointRow, endpoint) is not None

    def endpoint(self, endpoint: str, now: datetime) -> Endpoint | None:
        """One endpoint."""
        with self._database.read() as session:
            row = session.get(WebhookEndpointRow, endpoint)
            return None if row is None else _endpoint(row, now)

    def endpoints(self, now: datetime, course: str | None = None) -> Sequence[Endpoint]:
        """Every endpoint, the oldest first."""
        query = select(WebhookEndpointRow).order_by(WebhookEndpointRow.id)
        if course is not None:
            query = query.where(WebhookEndpointRow.course_id == course)
        with self._database.read() as session:
            return [_endpoint(row, now) for row in session.scalars(query)]

    def deliveries(self, course: str, now: datetime) -> Sequence[Delivery]:
        """The newest messages of a course with their tries, the newest first."""
        query = (
            select(WebhookDeliveryRow, WebhookEndpointRow)
            .join(WebhookEndpointRow, WebhookEndpointRow.id == WebhookDeliveryRow.endpoint_id)
            .where(WebhookEndpointRow.course_id == course)
            .order_by(WebhookDeliveryRow.id.desc())
            .limit(LISTED)
        )
        with self._database.read() as session:
            return [_delivery(session, row, to, now) for row, to in session.execute(query).all()]

    def delivery(self, delivery: str, now: datetime) -> Delivery | None:
        """One message."""
        with self._database.read() as session:
            row = session.get(WebhookDeliveryRow, delivery)
            if row is None:
                return None
            return _delivery(session, row, session.get_one(WebhookEndpointRow, row.endpoint_id), now)

    def owed(self, since: datetime, submission: str | None) -> Sequence[Owed]:
        """Reports saved after `since` that an enabled endpoint of their course has not been told of."""
        sent, to = WebhookDeliveryRow, WebhookEndpointRow
        told = exists().where(
            sent.endpoint_id == to.id,
            sent.submission_id == ReportRow.submission_id,
            sent.report_attempt == ReportRow.attempt,
        )
        query = (
            select(ReportRow, to.id, CourseRow.rule)
            .join(SubmissionRow, SubmissionRow.id == ReportRow.submission_id)
            .join(CourseRow, CourseRow.id == SubmissionRow.course_id)
            .join(to, and_(to.course_id == SubmissionRow.course_id, to.enabled))
            .where(ReportRow.verdict != Verdict.GRADER_ERROR.value, ReportRow.created_at >= to.created_at)
            .where(~told)
            .order_by(ReportRow.id)
            .limit(BATCH)
            .options(defer(ReportRow.report))
        )
        if submission is None:
            query = query.where(ReportRow.id >= id_floor(since))
        else:
            query = query.where(ReportRow.submission_id == submission)
        with self._database.read() as session:
            return [_owed(*row) for row in session.execute(query).all()]

    def add_delivery(self, owed: Owed, payload: Mapping[str, Any], now: datetime) -> str | None:
        """Put a message into the outbox; its id, None where it is there already."""
        row = WebhookDeliveryRow(
            endpoint_id=owed.endpoint,
            submission_id=owed.submission,
            report_attempt=owed.report_attempt,
            event=str(payload["type"]),
            payload=dict(payload),
            next_try_at=now,
        )
        try:
            with self._database.write() as session:
                session.add(row)
                session.flush()
                return row.id
        except IntegrityError:
            return None

    def add_test(self, endpoint: str, payload: Mapping[str, Any], now: datetime) -> str:
        """Put a test message into the outbox, taken in hand already; its id."""
        row = WebhookDeliveryRow(
            endpoint_id=endpoint, event=TEST, payload=dict(payload), next_try_at=now, queued_at=now
        )
        with self._database.write() as session:
            session.add(row)
            session.flush()
            return row.id

    def replay(self, delivery: str, course: str, now: datetime) -> bool:
        """Put a message of a course in line again, with all its tries ahead; False where that cannot be."""
        row, to = WebhookDeliveryRow, WebhookEndpointRow
        ours = select(to.id).where(to.course_id == course, to.enabled)
        change = update(row).where(row.id == delivery, row.endpoint_id.in_(ours))
        with self._database.write() as session:
            return _changed(
                session, change.values(state=WAITING, attempts=0, next_try_at=now, queued_at=None)
            )

    def due(self, now: datetime, queued_before: datetime) -> Sequence[str]:
        """Messages whose next try is due and that were not handed to a worker after that moment; claims them.

        The first of each endpoint come first, then the second of each: many for one hold up none for another.
        """
        row = WebhookDeliveryRow
        turn = func.row_number().over(partition_by=row.endpoint_id, order_by=row.next_try_at)
        waiting = (
            select(row.id)
            .where(row.state == WAITING, row.next_try_at <= now)
            .where(or_(row.queued_at.is_(None), row.queued_at < queued_before))
            .order_by(turn, row.next_try_at)
            .limit(BATCH)
        )
        with self._database.read() as session:
            found = list(session.scalars(waiting))
        if found:
            with self._database.write() as session:
                session.execute(update(row).where(row.id.in_(found)).values(queued_at=now))
        return found

    def endpoint_of(self, delivery: str) -> str | None:
        """Where a message goes; None for an unknown one."""
        query = select(WebhookDeliveryRow.endpoint_id).where(WebhookDeliveryRow.id == delivery)
        with self._database.read() as session:
            return session.scalar(query)

    def claim(self, delivery: str, now: datetime, until: datetime) -> Delivery | None:
        """Take a due message in hand until that moment and count a try; None where it is not due."""
        row, to = WebhookDeliveryRow, WebhookEndpointRow
        enabled = select(to.id).where(to.enabled)
        change = (
            update(row)
            .where(row.id == delivery, row.state == WAITING, row.next_try_at <= now)
            .where(or_(row.endpoint_id.in_(enabled), row.event == TEST))
            .values(next_try_at=until, attempts=row.attempts + 1, queued_at=None)
        )
        with self._database.write() as session:
            if not _changed(session, change):
                return None
            found = session.get_one(row, delivery)
            return _delivery(session, found, session.get_one(to, found.endpoint_id), now)

    def note_try(self, delivery: Delivery, outcome: Try, after: After) -> bool:
        """Write down how a try went and what follows, all or nothing; False where the message moved on meanwhile."""
        row = WebhookDeliveryRow
        change = (
            update(row)
            .where(row.id == delivery.id, row.state == WAITING, row.attempts == delivery.attempts)
            .values(state=after.state.value, next_try_at=after.next_try_at)
        )
        tried = WebhookTryRow(
            delivery_id=delivery.id, tried_at=outcome.tried_at, status=outcome.status, error=outcome.error
        )
        with self._database.write() as session:
            session.add(tried)
            current = _changed(session, change)
            if current and after.switch_off is not None:
                _switch_off(session, delivery.endpoint.id, after.switch_off)
            return current

    def unqueue(self, delivery: str) -> None:
        """Nobody has this message in hand after all: the next sweep may hand it out."""
        row = WebhookDeliveryRow
        with self._database.write() as session:
            session.execute(update(row).where(row.id == delivery).values(queued_at=None))


def _changed(session: Session, change: Any) -> bool:
    result = session.execute(change.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount == 1


def _switch_off(session: Session, endpoint: str, reason: str) -> None:
    to, row = WebhookEndpointRow, WebhookDeliveryRow
    session.execute(update(to).where(to.id == endpoint).values(enabled=False, disabled_reason=reason))
    session.execute(
        update(row)
        .where(row.endpoint_id == endpoint, row.state == WAITING)
        .values(state=Progress.GIVEN_UP.value, next_try_at=None)
    )


def _endpoint(row: WebhookEndpointRow, now: datetime) -> Endpoint:
    return Endpoint(row.id, row.course_id, row.url, secrets_of(row, now), row.enabled, row.disabled_reason)


def _delivery(session: Session, row: WebhookDeliveryRow, to: WebhookEndpointRow, now: datetime) -> Delivery:
    tries = select(WebhookTryRow).where(WebhookTryRow.delivery_id == row.id).order_by(WebhookTryRow.tried_at)
    return Delivery(
        id=row.id,
        endpoint=_endpoint(to, now),
        submission=row.submission_id,
        event=row.event,
        payload=row.payload,
        state=Progress(row.state),
        attempts=row.attempts,
        next_try_at=row.next_try_at,
        created_at=row.created_at,
        tries=tuple(Try(one.tried_at, one.status, one.error) for one in session.scalars(tries)),
    )


def _owed(report: ReportRow, endpoint: str, rule: str) -> Owed:
    return Owed(
        endpoint=endpoint,
        submission=report.submission_id,
        report_attempt=report.attempt,
        verdict=Verdict(report.verdict),
        rule=CountingRule(rule),
        graded_at=report.created_at,
    )
