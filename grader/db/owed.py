"""What outgoing webhooks still owe, counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select

from grader.db.session import Database
from grader.db.webhook_tables import WebhookEndpointRow
from grader.db.wish_tables import WEBHOOK, WishRow
from grader.services.webhook_ports import Progress


@dataclass(frozen=True)
class Debt:
    """How many messages wait, and for how many seconds the most overdue of them has been due.

    What an endpoint that is switched off, or has asked for silence, is owed waits as well, and is not overdue.
    """

    messages: int = 0
    overdue_s: float = 0.0


def debt(database: Database, now: datetime) -> Debt:
    """Of every endpoint together. Each is asked for alone, so that the index that finds what is due answers."""
    row, endpoint = WishRow, WebhookEndpointRow
    listens = and_(endpoint.enabled, or_(endpoint.paused_until.is_(None), endpoint.paused_until <= now))
    waits = (
        row.receiver_kind == WEBHOOK,
        row.receiver_id == endpoint.id,
        row.state == Progress.WAITING.value,
    )
    owed = select(func.count(row.id)).where(*waits).correlate(endpoint).scalar_subquery()
    first = select(func.min(row.next_try_at)).where(*waits).correlate(endpoint).scalar_subquery()
    with database.read() as session:
        found = session.execute(select(owed, case((listens, first)))).all()
    overdue = [(now - due).total_seconds() for _, due in found if due is not None]
    return Debt(sum(count for count, _ in found), max([0.0, *overdue]))
