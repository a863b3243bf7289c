"""Tables of what others are owed: one row for each receiver, student and exercise, and the messages that were made of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from grader.db.columns import utc_now
from grader.db.tables import Base, Id, _id, _to

WEBHOOK = "webhook"
"""The kind of receiver whose id is that of a row in `webhook_endpoints`; line items of LTI are to be another."""


class WishRow(Base):
    """What a receiver is owed about one student's work on one exercise: the newest wish alone, told or not.

    `number` rises with each wish; `submission_id` is the one that it speaks of. `message_id` is the message that was made
    of this wish (its webhook-id), None as long as it was never sent. `said_at` is the time in the newest message that was
    made, and each later one says a later time. `told_number` is the newest wish that the receiver has acknowledged.

    `state` is `waiting`, `delivered` or `given_up`. A row is in the hands of one sender, `claim`, until `claimed_until`:
    a new wish does not take it out of them, so that two are never under way at the same time.
    """

    __tablename__ = "wishes"
    __table_args__ = (
        UniqueConstraint(
            "receiver_kind", "receiver_id", "student_id", "assignment", name="uq_wishes_receiver"
        ),
        Index("ix_wishes_due", "receiver_kind", "receiver_id", "state", "next_try_at", "id"),
        Index("ix_wishes_course", "course_id", "state", "wished_at"),
    )
    id: Mapped[str] = _id()
    receiver_kind: Mapped[str] = mapped_column(String(16))
    receiver_id: Mapped[str] = mapped_column(Id)
    course_id: Mapped[str] = _to("courses.id")
    student_id: Mapped[str] = _to("users.id")
    assignment: Mapped[str] = mapped_column(String(80))
    submission_id: Mapped[str] = _to("submissions.id")
    number: Mapped[int] = mapped_column(default=1)
    wished_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    claim: Mapped[str | None] = mapped_column(Id)
    claimed_until: Mapped[datetime | None]
    message_id: Mapped[str | None] = mapped_column(Id)
    said_at: Mapped[datetime | None]
    told_number: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None]


class WishMessageRow(Base):
    """A message as it was made of one wish, when that was first sent; every later try sends the same."""

    __tablename__ = "wish_messages"
    id: Mapped[str] = _id()
    wish_id: Mapped[str] = _to("wishes.id", index=True)
    number: Mapped[int]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)


class WishTryRow(Base):
    """One time that a message was sent; `status` None where no answer came."""

    __tablename__ = "wish_tries"
    id: Mapped[str] = _id()
    message_id: Mapped[str] = _to("wish_messages.id", index=True)
    tried_at: Mapped[datetime]
    status: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(Text)
