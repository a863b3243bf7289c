"""A copy of a SQLite database while others read and write it, by SQLite's own backup (https://sqlite.org/backup.html)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from grader.backup.errors import BackupFailed, NotNow

PAGES = 2048
"""At once, between two looks at how far it is."""

PATIENCE_SECONDS = 15.0

Progress = Callable[[int, int], None]
"""How much of how much is done."""


def copy(source: Path, target: Path, progress: Progress) -> None:
    """Write the database of one moment to a new file; BackupFailed where the copy is not whole.

    The moment is held by a transaction that reads, so that writers neither wait for us nor make us begin anew.
    """
    try:
        with closing(_open(source)) as database, closing(sqlite3.connect(target)) as kept:
            database.execute("BEGIN")
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
            database.backup(
                kept, pages=PAGES, progress=lambda _status, left, all_: progress(all_ - left, all_)
            )
            kept.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        problem = check(target)
    except sqlite3.Error as error:
        raise _worded(error, source) from error
    if problem:
        detail = f"The database is damaged ({problem}). Nothing was written. Keep a copy of the whole folder, and mend it first."
        raise BackupFailed(detail)


def check(database: Path) -> str:
    """What SQLite finds wrong with a database; empty where it is whole."""
    try:
        with closing(_open(database)) as opened:
            found = [str(line) for (line,) in opened.execute("PRAGMA integrity_check(5)")]
    except sqlite3.Error as error:
        return str(error)
    return "" if found == ["ok"] else "; ".join(found)[:300]


def revision_of(database: Path) -> str:
    """The revision of its schema; empty where it is no database of ours."""
    try:
        with closing(_open(database)) as opened:
            row = opened.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        return ""
    return str(row[0]) if row else ""


def refuse_open(database: Path) -> None:
    """NotNow where another process has this database open: only the last one can take it out of WAL mode."""
    try:
        with closing(_open(database, patience=0.5)) as opened:
            opened.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise NotNow(f"Another process has {database} open. Stop the service first.") from error
    except sqlite3.DatabaseError:
        return  # what is damaged is put aside like anything else


def _open(path: Path, patience: float = PATIENCE_SECONDS) -> sqlite3.Connection:
    """An existing database; none is made."""
    address = f"file:{quote(str(path.resolve()))}?mode=rw"
    return sqlite3.connect(address, uri=True, timeout=patience, isolation_level=None)


def _worded(error: sqlite3.Error, source: Path) -> BackupFailed:
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_FULL:
        return BackupFailed(
            "There is no room left for the copy of the database. Make room, or name another place."
        )
    return BackupFailed(f"The database {source} cannot be copied: {error}.")
