"""Tables of webhooks. Secrets are kept readable, as signing needs them; they are shown to a person once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from grader.db.columns import utc_now
from grader.db.tables import Base, Id, _id, _to


class WebhookSourceRow(Base):
    """An LMS that sends us submissions; `previous_secret` is accepted until `previous_until`."""

    __tablename__ = "webhook_sources"
    id: Mapped[str] = _id()
    name: Mapped[str] = mapped_column(String(80), unique=True)
    course_id: Mapped[str | None] = mapped_column(Id, ForeignKey("courses.id"))
    secret: Mapped[str]
    previous_secret: Mapped[str | None]
    previous_until: Mapped[datetime | None]
    provision: Mapped[str] = mapped_column(String(32), default="email")
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class WebhookEndpointRow(Base):
    """An address that wants to hear of grades."""

    __tablename__ = "webhook_endpoints"
    id: Mapped[str] = _id()
    course_id: Mapped[str] = _to("courses.id", index=True)
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[str] = mapped_column(default="submission.graded")
    secret: Mapped[str]
    previous_secret: Mapped[str | None]
    previous_until: Mapped[datetime | None]
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class WebhookDeliveryRow(Base):
    """One outgoing message and what became of it; `state` is `waiting`, `delivered` or `given_up`."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (Index("ix_webhook_deliveries_due", "state", "next_try_at"),)
    id: Mapped[str] = _id()
    endpoint_id: Mapped[str] = _to("webhook_endpoints.id", index=True)
    submission_id: Mapped[str | None] = mapped_column(Id, ForeignKey("submissions.id"), index=True)
    event: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    response_status: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    delivered_at: Mapped[datetime | None]


class InboundDeliveryRow(Base):
    """An incoming message that was accepted: the same id is never accepted twice from one source."""

    __tablename__ = "inbound_deliveries"
    __table_args__ = (UniqueConstraint("source_id", "delivery_id"),)
    id: Mapped[str] = _id()
    source_id: Mapped[str] = _to("webhook_sources.id")
    delivery_id: Mapped[str]
    event: Mapped[str] = mapped_column(String(64))
    body_sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(default=utc_now)
    submission_id: Mapped[str | None] = mapped_column(Id, ForeignKey("submissions.id"))
    outcome: Mapped[str | None] = mapped_column(Text)
