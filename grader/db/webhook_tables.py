"""Tables of webhooks. Secrets are kept readable, as signing needs them; they are shown to a person once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
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
    """An address that wants to hear of grades; it has asked for silence until `paused_until`."""

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
    paused_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


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
    received_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    submission_id: Mapped[str | None] = mapped_column(Id, ForeignKey("submissions.id"))
    external_submission: Mapped[str | None]
    external_attempt: Mapped[int | None]


class LmsAssignmentRow(Base):
    """Which of our assignments an LMS means by its own id."""

    __tablename__ = "lms_assignments"
    source_id: Mapped[str] = mapped_column(Id, ForeignKey("webhook_sources.id"), primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80))
