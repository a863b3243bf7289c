"""What outgoing webhooks still owe, counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select

from grader.db.session import Database
from grader.db.webhook_tables import WebhookEndpointRow
from grader.db.wish_tables import WishRow
from grader.services.webhook_ports import Progress


@dataclass(frozen=True)
class Debt:
    """How many messages wait, and for how many seconds the most overdue of them has been due.

    What an endpoint that is switched off, or has asked for silence, is owed waits as well, and is not overdue.
    """

    messages: int = 0
    overdue_s: float = 0.0


def debt(database: Database, now: datetime) -> Debt:
    """Of every endpoint together."""
    row, endpoint = WishRow, WebhookEndpointRow
    listens = and_(endpoint.enabled, or_(endpoint.paused_until.is_(None), endpoint.paused_until <= now))
    due = func.min(case((listens, row.next_try_at)))
    query = (
        select(func.count(row.id), due)
        .join(endpoint, endpoint.id == row.receiver_id, isouter=True)
        .where(row.state == Progress.WAITING.value)
    )
    with database.read() as session:
        messages, oldest = session.execute(query).one()
    return Debt(messages, 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds()))
