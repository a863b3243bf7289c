from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from kombu.exceptions import OperationalError as BrokerAway
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from grader.db.away import DatabaseAway, in_a_line, is_away, may_be_away
from grader.services.ports import QueueAway


def of_sqlite(act: Callable[[sqlite3.Connection], Any]) -> BaseException:
    """The error that SQLite itself raises, as SQLAlchemy hands it on."""
    connection = sqlite3.connect(":memory:")
    try:
        act(connection)
    except sqlite3.Error as error:
        return OperationalError("SELECT secret", ("parameter",), error)
    finally:
        connection.close()
    raise AssertionError("no error")


def error_of(path: Path, statement: str, **connect: Any) -> DBAPIError:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 0} | connect)
    try:
        with pytest.raises(DBAPIError) as caught, engine.begin() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()
    return caught.value


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a UNIQUE)")
        connection.execute("INSERT INTO t VALUES (1)")
    connection.close()
    return path


def test_a_lock_that_another_holds_is_away(file: Path) -> None:
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    error = error_of(file, "INSERT INTO t VALUES (2)")
    holder.close()
    assert is_away(error)
    assert in_a_line(error) == "OperationalError: database is locked"


def test_a_full_or_readonly_database_is_away(file: Path) -> None:
    def fill(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA max_page_count = 1")
        connection.execute("CREATE TABLE t (a)")

    assert is_away(of_sqlite(fill))
    url = f"file:{file}?mode=ro&uri=true"
    error = error_of(Path(url), "INSERT INTO t VALUES (2)")
    assert "readonly" in str(error)
    assert is_away(error)


def test_a_folder_that_is_gone_is_away(tmp_path: Path) -> None:
    assert is_away(error_of(tmp_path / "gone" / "x.db", "SELECT 1"))


@pytest.mark.parametrize(
    "statement", ["SELECT b FROM t", "SELECT 1 FROM nowhere", "INSERT INTO t VALUES (1)"]
)
def test_a_mistake_of_ours_is_not_away(file: Path, statement: str) -> None:
    assert not is_away(error_of(file, statement))


class Told(psycopg.OperationalError):
    """An error with the state that a server gave it."""

    def __init__(self, state: str | None) -> None:
        super().__init__("x")
        self.sqlstate = state


POSTGRESQL = {
    "08006": True, "25006": True, "40P01": True, "53100": True, "53300": True, "55P03": True, "57014": True,
    "57P01": True, "57P03": True, "58030": True, None: True,
    "42P01": False, "23505": False, "22P02": False, "25P02": False,
}  # fmt: skip


@pytest.mark.parametrize(("state", "away"), POSTGRESQL.items())
def test_postgresql_tells_by_its_state(state: str | None, away: bool) -> None:
    kinds = (OperationalError, InternalError, ProgrammingError) if state else (OperationalError,)
    assert [is_away(kind("SELECT", None, Told(state))) for kind in kinds] == [away] * len(kinds)


def test_who_names_a_connection_lost_is_believed() -> None:
    assert is_away(IntegrityError("", None, Told("23505"), connection_invalidated=True))


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (NoConnectionFree("QueuePool limit"), True),
        (BrokerAway("refused"), True),
        (QueueAway("late"), True),
        (OSError(errno.ENOSPC, "full"), True),
        (OSError(errno.EDQUOT, "quota"), True),
        (OSError(errno.EROFS, "read-only"), True),
        (FileNotFoundError(errno.ENOENT, "gone"), False),
        (PermissionError(errno.EACCES, "no"), False),
        (KeyError("x"), False),
    ],
)
def test_other_parts(error: Exception, away: bool) -> None:
    assert is_away(error) is away


def test_what_an_error_was_raised_from_counts() -> None:
    outer = RuntimeError("could not save")
    outer.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert is_away(outer)
    assert in_a_line(outer) == "OSError: [Errno 28] No space left on device"


def test_a_line_has_no_sql_and_no_parameters() -> None:
    error = of_sqlite(lambda connection: connection.execute("SELECT * FROM nowhere"))
    assert "secret" not in in_a_line(error)
    assert "parameter" not in in_a_line(error)


def test_what_is_away_inside_is_one_kind_of_error_and_nothing_else_is() -> None:
    with pytest.raises(DatabaseAway, match="No space"), may_be_away():
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(KeyError), may_be_away():
        raise KeyError("x")
