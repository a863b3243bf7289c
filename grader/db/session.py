"""Opening a database and talking to it: `with database.read() as session`, `with database.write() as session`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from weakref import finalize

from sqlalchemy import Connection, CursorResult, Delete, Engine, Update, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

from grader.db.patience import DatabasePatience, of_postgresql


class Database:
    """One engine. A write takes SQLite's lock when it begins, so that two writers wait instead of failing.

    Whoever lets go of it without `close` leaves no connection open (Python 3.13 warns of those). At the end of a process
    nothing is done: it may be a child, and the connections its parent's.
    """

    def __init__(self, url: str, patience: DatabasePatience | None = None) -> None:
        self.engine = _open(url, patience or DatabasePatience())
        finalize(self, self.engine.dispose).atexit = False
        self._readers = sessionmaker(self.engine, expire_on_commit=False)
        self._writers = sessionmaker(
            self.engine.execution_options(begin="BEGIN IMMEDIATE"), expire_on_commit=False
        )

    @contextmanager
    def read(self, *, as_long_as_it_takes: bool = False) -> Iterator[Session]:
        """A session whose changes are not kept; an export may take as long as it takes."""
        with self._readers() as session:
            if as_long_as_it_takes:
                lift_limits(session.connection())
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that is committed at the end, or rolled back when the block raises."""
        with self._writers.begin() as session:
            yield session

    def alive(self) -> bool:
        """Whether a query comes back, from a database that takes changes as well."""
        try:
            with self.engine.connect() as connection:
                if connection.dialect.name == "postgresql":
                    return str(connection.scalar(text("SHOW transaction_read_only"))) == "off"
                connection.execute(text("SELECT 1"))
        except Exception:  # noqa: BLE001 - drivers raise what they like, and all of it means the same here
            return False
        return True

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def insert_into(session: Session, table: Any) -> Any:
    """This database's own INSERT, which knows ON CONFLICT: SQLAlchemy has one for each dialect, spelt alike."""
    own = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    return own.insert(table)


def rows_changed(session: Session, change: Update | Delete) -> int:
    """Carry it out; how many rows it changed or removed. What the session has loaded is not brought up to date."""
    result = session.execute(change.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount


def lift_limits(connection: Connection) -> None:
    """Let this one transaction take as long as it takes; SQLite limits nothing but the wait for its lock."""
    if connection.dialect.name == "postgresql":
        for name in ("statement_timeout", "lock_timeout"):
            connection.execute(text(f"SET LOCAL {name} = 0"))


def _open(url: str, patience: DatabasePatience) -> Engine:
    if url.startswith("postgresql"):
        words = of_postgresql(make_url(url), patience)
        return create_engine(url, pool_pre_ping=True, pool_timeout=patience.connection, connect_args=words)
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_timeout=patience.connection)
    # The pool of a SQLite file waits as long as one that is in it may wait for the lock.
    engine = create_engine(
        url, pool_timeout=patience.connection + patience.lock, connect_args={"timeout": patience.lock}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Beside what `connect` was told: its `timeout` is SQLite's busy_timeout. What is deleted is overwritten in the file, too."""
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
