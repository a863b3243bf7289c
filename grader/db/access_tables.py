"""Tables of signing in: sessions, tokens, links, and what was tried. Secrets are stored as SHA-256 only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from grader.db.columns import utc_now
from grader.db.tables import Base, Hash, Id, _id, _to


class SignInRow(Base):
    """A browser's session; its id is stored hashed."""

    __tablename__ = "sign_ins"
    hash: Mapped[str] = mapped_column(Hash, primary_key=True)
    user_id: Mapped[str] = _to("users.id", index=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ApiTokenRow(Base):
    """A bearer token."""

    __tablename__ = "api_tokens"
    id: Mapped[str] = _id()
    hash: Mapped[str] = mapped_column(Hash, unique=True)
    user_id: Mapped[str] = _to("users.id", index=True)
    label: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class OneTimeLinkRow(Base):
    """A link that signs in or resets a password, once."""

    __tablename__ = "one_time_links"
    hash: Mapped[str] = mapped_column(Hash, primary_key=True)
    user_id: Mapped[str] = _to("users.id", index=True)
    purpose: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class LoginAttemptRow(Base):
    """A password that did not fit, for throttling by account and address."""

    __tablename__ = "login_attempts"
    __table_args__ = (
        Index("ix_login_attempts_account", "account", "tried_at"),
        Index("ix_login_attempts_address", "address", "tried_at"),
    )
    id: Mapped[str] = _id()
    account: Mapped[str] = mapped_column(Hash)
    address: Mapped[str] = mapped_column(String(64))
    tried_at: Mapped[datetime] = mapped_column(index=True)


class LmsIdentityRow(Base):
    """Which of our users an LMS means by its own id."""

    __tablename__ = "lms_identities"
    source_id: Mapped[str] = mapped_column(Id, ForeignKey("webhook_sources.id"), primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = _to("users.id", index=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
