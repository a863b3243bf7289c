"""Endpoints that hear of grades: who they are, whether they are on, and how much they are owed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.orm import Session

from grader.db.session import Database, rows_changed
from grader.db.webhook_tables import WebhookEndpointRow
from grader.db.webhooks import change_secret, secrets_of
from grader.db.wish_tables import WEBHOOK, WishMessageRow, WishRow, WishTryRow
from grader.db.wishes import hold, owe_all, untold
from grader.services.webhook_ports import Endpoint, Progress

BY_AN_OPERATOR = "An operator has switched it off."


class EndpointRows:
    """Endpoints on one database. What is owed to one that is off stays owed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_endpoint(self, course: str, url: str, secret: str) -> str:
        """A new endpoint, which is owed every grade from now on; its id."""
        with self._database.write() as session:
            hold(session, course)
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
        """Forget an endpoint, what it is owed, and every message to it. False for an unknown one."""
        owed = select(WishRow.id).where(owed_to(endpoint))
        made = select(WishMessageRow.id).where(WishMessageRow.wish_id.in_(owed))
        with self._database.write() as session:
            row = _held(session, endpoint)
            if row is None:
                return False
            session.execute(delete(WishTryRow).where(WishTryRow.message_id.in_(made)))
            session.execute(delete(WishMessageRow).where(WishMessageRow.wish_id.in_(owed)))
            session.execute(delete(WishRow).where(owed_to(endpoint)))
            session.delete(row)
            return True

    def enable(self, endpoint: str, now: datetime, *, everybody: bool = False) -> int | None:
        """Send there again, with all tries ahead, what is owed; how much that is. None for an unknown endpoint.

        `everybody`: also what it was told already, under the same ids, and grades from before it was there.
        """
        again = update(WishRow).where(owed_to(endpoint))
        if not everybody:
            again = again.where(WishRow.state != Progress.DELIVERED.value)
        with self._database.write() as session:
            row = _held(session, endpoint)
            if row is None:
                return None
            row.enabled, row.disabled_reason, row.paused_until = True, None, None
            lined_up = again.values(state=Progress.WAITING.value, attempts=0, next_try_at=now)
            count = rows_changed(session, lined_up)
            if everybody:
                missing = untold(session, row.course_id, endpoint)
                count += owe_all(session, row.course_id, missing, now, endpoint)
            return count

    def disable_endpoint(self, endpoint: str, reason: str) -> int | None:
        """Send nothing more there; how much stays owed, None for an unknown endpoint."""
        with self._database.write() as session:
            row = session.get(WebhookEndpointRow, endpoint)
            if row is None:
                return None
            row.enabled, row.disabled_reason = False, reason
            return _owed(session, owed_to(endpoint)).get(endpoint, 0)

    def endpoint(self, endpoint: str, now: datetime) -> Endpoint | None:
        """One endpoint."""
        with self._database.read() as session:
            row = session.get(WebhookEndpointRow, endpoint)
            return None if row is None else endpoint_of(row, now)

    def endpoints(self, now: datetime, course: str | None = None) -> Sequence[Endpoint]:
        """Every endpoint, the oldest first."""
        query = select(WebhookEndpointRow).order_by(WebhookEndpointRow.id)
        if course is not None:
            query = query.where(WebhookEndpointRow.course_id == course)
        with self._database.read() as session:
            return [endpoint_of(row, now) for row in session.scalars(query)]

    def owed(self, course: str | None = None) -> Mapping[str, int]:
        """How many grades each endpoint has not been told of; one that knows them all is not in it."""
        with self._database.read() as session:
            return _owed(session, *([] if course is None else [WishRow.course_id == course]))


def endpoint_of(row: WebhookEndpointRow, now: datetime) -> Endpoint:
    """The value of a row."""
    return Endpoint(row.id, row.course_id, row.url, secrets_of(row, now), row.enabled, row.disabled_reason)


def owed_to(endpoint: str) -> Any:
    """The condition of what is owed, or was, to one endpoint."""
    return and_(WishRow.receiver_kind == WEBHOOK, WishRow.receiver_id == endpoint)


def _owed(session: Session, *conditions: Any) -> dict[str, int]:
    query = (
        select(WishRow.receiver_id, func.count().label("owed"))
        .where(WishRow.receiver_kind == WEBHOOK, WishRow.state != Progress.DELIVERED.value, *conditions)
        .group_by(WishRow.receiver_id)
    )
    return {row.receiver_id: row.owed for row in session.execute(query)}


def _held(session: Session, endpoint: str) -> WebhookEndpointRow | None:
    """The row of an endpoint whose course nobody else changes meanwhile, and to which nothing is sent or noted."""
    course = session.scalar(select(WebhookEndpointRow.course_id).where(WebhookEndpointRow.id == endpoint))
    if course is None:
        return None
    hold(session, course)
    return session.get(WebhookEndpointRow, endpoint, with_for_update=True)
