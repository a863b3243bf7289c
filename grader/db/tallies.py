"""Counting by name and window, on one database, so that every web process counts together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.db.guard_tables import TallyRow
from grader.db.session import Database, insert_into

LONGEST_NAME = 160


class Tallies:
    """Counters whose windows begin at multiples of their length."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, now: datetime, window: timedelta, keep: timedelta = timedelta()) -> int:
        """Count once more and tell the sum of this window; it is kept until `keep` after the window's end."""
        since = window_start(now, window)
        with self._database.write() as session:
            return count_more(session, name[:LONGEST_NAME], since, expires_at=since + window + keep)

    def total(self, prefix: str) -> int:
        """The sum of all windows that are kept, over every name that begins so."""
        query = select(func.sum(TallyRow.count)).where(TallyRow.name.startswith(prefix, autoescape=True))
        with self._database.read() as session:
            return int(session.scalar(query) or 0)


def count_more(session: Session, name: str, since: datetime, *, expires_at: datetime, by: int = 1) -> int:
    """Count `by` more under a name and a time, and tell the sum; the first one says until when it is kept."""
    fresh = insert_into(session, TallyRow).values(name=name, since=since, count=by, expires_at=expires_at)
    counted = fresh.on_conflict_do_update(
        index_elements=["name", "since"], set_={"count": TallyRow.count + by}
    ).returning(TallyRow.count)
    return int(session.scalar(counted) or 0)


def window_start(now: datetime, window: timedelta) -> datetime:
    """When the window around `now` began."""
    length = window.total_seconds()
    return datetime.fromtimestamp(now.timestamp() // length * length, UTC)
