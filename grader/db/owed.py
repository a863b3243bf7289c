"""What outgoing webhooks still owe, counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from grader.db.session import Database
from grader.db.webhook_tables import WebhookDeliveryRow
from grader.services.webhook_ports import Progress


@dataclass(frozen=True)
class Debt:
    """How many messages wait, and for how many seconds the most overdue of them has been due."""

    messages: int = 0
    overdue_s: float = 0.0


def debt(database: Database, now: datetime) -> Debt:
    """Of every endpoint together."""
    row = WebhookDeliveryRow
    query = select(func.count(), func.min(row.next_try_at)).where(row.state == Progress.WAITING.value)
    with database.read() as session:
        messages, due = session.execute(query).one()
    return Debt(messages, 0.0 if due is None else max(0.0, (now - due).total_seconds()))
