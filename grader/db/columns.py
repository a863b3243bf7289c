"""Column types and ids that behave the same on SQLite and PostgreSQL."""

from __future__ import annotations

import hashlib
import secrets
import time
from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC; SQLite, which has no zones, stores it without one. Naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC, and for SQLite without the zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            detail = f"{value!r} has no time zone"
            raise ValueError(detail)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Back to an aware datetime in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id() -> str:
    """A ULID: 26 letters that sort by time, with 80 random bits."""
    return _letters((time.time_ns() // 1_000_000) << 80 | secrets.randbits(80))


def id_floor(moment: datetime) -> str:
    """The smallest id that can have been made at that moment: a range of ids is a range of time."""
    return _letters(int(moment.timestamp() * 1000) << 80)


def derived_id(*parts: str) -> str:
    """The id that these parts always give: 26 letters like the others, from SHA-256 (FIPS 180-4); it says nothing of time."""
    digest = hashlib.sha256("\n".join(parts).encode()).digest()
    return _letters(int.from_bytes(digest[:16]))


def _letters(number: int) -> str:
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def utc_now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)
