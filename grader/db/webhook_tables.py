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
    provision: Mapped[str] = mapped_column(String(32), default="student")
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
    disabled_reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class WebhookDeliveryRow(Base):
    """One outgoing message and what became of it; `state` is `waiting`, `delivered` or `given_up`.

    A report is told to an endpoint once: `report_attempt` is the report's. `queued_at` is when a worker was asked.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("ix_webhook_deliveries_due", "state", "next_try_at"),
        UniqueConstraint(
            "endpoint_id", "submission_id", "report_attempt", name="uq_webhook_deliveries_report"
        ),
    )
    id: Mapped[str] = _id()
    endpoint_id: Mapped[str] = _to("webhook_endpoints.id", index=True)
    submission_id: Mapped[str | None] = mapped_column(Id, ForeignKey("submissions.id"), index=True)
    report_attempt: Mapped[int | None]
    event: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    queued_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class WebhookTryRow(Base):
    """One time that an outgoing message was sent; `status` None where no answer came."""

    __tablename__ = "webhook_tries"
    id: Mapped[str] = _id()
    delivery_id: Mapped[str] = _to("webhook_deliveries.id", index=True)
    tried_at: Mapped[datetime]
    status: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(Text)


class InboundDeliveryRow(Base):
    """An incoming message that was accepted: never the same id, nor the LMS's same submission, twice from one source."""

    __tablename__ = "inbound_deliveries"
    __table_args__ = (
        UniqueConstraint("source_id", "delivery_id"),
        UniqueConstraint(
            "source_id", "external_submission", "external_attempt", name="uq_inbound_deliveries_external"
        ),
    )
    id: Mapped[str] = _id()
    source_id: Mapped[str] = _to("webhook_sources.id")
    delivery_id: Mapped[str]
    event: Mapped[str] = mapped_column(String(64))
    body_sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(default=utc_now)
    submission_id: Mapped[str | None] = mapped_column(Id, ForeignKey("submissions.id"))
    external_submission: Mapped[str | None]
    external_attempt: Mapped[int | None]


class LmsAssignmentRow(Base):
    """Which of our assignments an LMS means by its own id."""

    __tablename__ = "lms_assignments"
    source_id: Mapped[str] = mapped_column(Id, ForeignKey("webhook_sources.id"), primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80))
