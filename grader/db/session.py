"""Opening a database and talking to it: `with database.read() as session`, `with database.write() as session`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import finalize

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.orm import Session, sessionmaker

BUSY_MILLISECONDS = 15_000


class Database:
    """One engine. A write takes SQLite's lock when it begins, so that two writers wait instead of failing.

    Whoever lets go of it without `close` leaves no connection open (Python 3.13 warns of those). At the end of a process
    nothing is done: it may be a child, and the connections its parent's.
    """

    def __init__(self, url: str) -> None:
        self.engine = _open(url)
        finalize(self, self.engine.dispose).atexit = False
        self._readers = sessionmaker(self.engine, expire_on_commit=False)
        self._writers = sessionmaker(
            self.engine.execution_options(begin="BEGIN IMMEDIATE"), expire_on_commit=False
        )

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session whose changes are not kept."""
        with self._readers() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that is committed at the end, or rolled back when the block raises."""
        with self._writers.begin() as session:
            yield session

    def alive(self) -> bool:
        """Whether a query comes back."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except Exception:  # noqa: BLE001 - drivers raise what they like, and all of it means the same here
            return False
        return True

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def _open(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_MILLISECONDS / 1000})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {BUSY_MILLISECONDS}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
