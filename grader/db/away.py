"""What "away" means: the database, its disk, its lock or the broker cannot serve us now, and may be able to in a minute.

This is the one place that decides it. Whoever asked is told to come back; a mistake of ours is none of these.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from kombu.exceptions import OperationalError as BrokerAway
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from grader.services.ports import QueueAway

RETRY_SECONDS = 5
"""When to come back, as `Retry-After` says it."""

FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})

SQLITE_CODES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
_PRIMARY = 0xFF
"""SQLite's extended codes have the primary one in their lowest byte."""

POSTGRESQL_STATES = (
    "08",  # the connection failed
    "25006",  # read-only
    "40001",  # another transaction was quicker
    "40P01",  # deadlock
    "53",  # full disk, memory or connections
    "55P03",  # a lock was not to be had in time
    "57014",  # a statement took longer than it may
    "57P01",  # shut down by its administrator
    "57P02",  # another of its processes crashed
    "57P03",  # starting up
    "58",  # its disk
)
"""Beginnings of SQLSTATE; https://www.postgresql.org/docs/current/errcodes-appendix.html"""


def is_away(error: BaseException) -> bool:
    """Whether the same request may well succeed in a minute, because what failed is outside of our code."""
    return any(_says_so(one) for one in _chain(error))


def in_a_line(error: BaseException) -> str:
    """For a log: what failed, without SQL, parameters and traceback."""
    cause = next((one for one in _chain(error) if _says_so(one)), error)
    origin = getattr(cause, "orig", None) or cause
    words = " ".join(str(origin).split())
    return f"{type(origin).__name__}: {words}"[:300]


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__


def _says_so(error: BaseException) -> bool:
    if isinstance(error, NoConnectionFree | BrokerAway | QueueAway):
        return True
    if isinstance(error, OSError):
        return error.errno in FULL_DISK
    return isinstance(error, DBAPIError) and _of_driver(error)


def _of_driver(error: DBAPIError) -> bool:
    """SQLite tells by a number, PostgreSQL by a state; one that has no state was never heard from."""
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", None)
        return code is not None and code & _PRIMARY in SQLITE_CODES
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return isinstance(error, OperationalError | InterfaceError)
    return str(state).startswith(POSTGRESQL_STATES)


class DatabaseAway(Exception):
    """The same in one line, for whoever tries again by the kind of error."""


@contextmanager
def may_be_away() -> Iterator[None]:
    """What is away inside is raised as DatabaseAway; as a decorator it goes around a function."""
    try:
        yield
    except Exception as error:
        if not is_away(error):
            raise
        raise DatabaseAway(in_a_line(error)) from None
