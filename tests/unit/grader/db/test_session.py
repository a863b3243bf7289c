from __future__ import annotations

import gc
import sqlite3
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from grader.db.session import Database
from grader.db.tables import MemberRow, UserRow
from grader.wiring import Wiring


def test_sqlite_is_prepared(parts: Wiring) -> None:
    with parts.database.read() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
        assert session.scalar(text("PRAGMA busy_timeout")) >= 5000


def test_foreign_keys_are_enforced(parts: Wiring) -> None:
    with pytest.raises(IntegrityError), parts.database.write() as session:
        session.add(MemberRow(course_id="none", user_id="none", role="student"))


def test_a_failed_block_leaves_nothing(parts: Wiring) -> None:
    def fail() -> None:
        with parts.database.write() as session:
            session.add(UserRow(email="a@b", display_name="A"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert parts.accounts.store.users() == []


def test_who_lets_go_of_a_database_leaves_no_connection_open(tmp_path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
    driver.execute("SELECT 1")
    del database, connection
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        driver.execute("SELECT 1")


def test_parallel_writers_wait_for_each_other(parts: Wiring) -> None:
    """Read, then write, in eight threads: without BEGIN IMMEDIATE SQLite fails here at once with `locked`."""
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for step in range(10):
                with parts.database.write() as session:
                    session.execute(text("SELECT count(*) FROM users")).all()
                    session.add(UserRow(email=f"{number}-{step}@b", display_name="A"))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(parts.accounts.store.users()) == 80
