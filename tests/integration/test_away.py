"""Real parts that end, hang, refuse and come back, in front of the real site."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from grader import queue
from grader.db.away import is_away
from grader.db.columns import utc_now
from grader.db.migrate import upgrade
from grader.db.patience import DatabasePatience
from grader.db.session import Database, lift_limits
from grader.domain.course import CountingRule, Role
from grader.services.sweep import sweep
from grader.settings import load_settings
from grader.web import create_app
from grader.wiring import Wiring
from tests.integration.service_process import Shelf
from tests.servers import Server, make_database, postgres_that_falls, redis_that_falls

pytestmark = pytest.mark.services

ROOT = Path(__file__).resolve().parents[2]
MUCH = 15.0
"""Seconds: far more than an answer may take, far less than any of these faults lasts."""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    """A PostgreSQL that tests may end."""
    with postgres_that_falls() as server:
        yield server


@pytest.fixture(scope="module")
def redis() -> Iterator[Server]:
    """A Redis that tests may stop."""
    with redis_that_falls() as server:
        yield server


class Site:
    """A site with one student, who hands in as a program does."""

    def __init__(self, parts: Wiring) -> None:
        self.parts = parts
        upgrade(parts.database)
        course = parts.courses.add_course("c", "C", "CODE", CountingRule.BEST, ["slow"])
        assert course is not None
        student = parts.accounts.create("ada@example.edu", "Ada")
        parts.courses.set_role(course.id, student.id, Role.STUDENT)
        token = parts.accounts.issue_token(student.id, "t", utc_now())[0]
        self._headers = {"Authorization": f"Bearer {token}"}
        self.client: FlaskClient = create_app(parts.settings, parts).test_client()

    def hand_in(self, key: str) -> Any:
        headers = self._headers | {"Idempotency-Key": key}
        words = {"assignment": "slow", "source": "x = 1\n"}
        return self.client.post("/api/v1/submissions", json=words, headers=headers)


@contextmanager
def site(folder: Path, patience: DatabasePatience | None = None, **settings: str) -> Iterator[Site]:
    parts = Wiring(load_settings({}, data_dir=folder, **settings), Shelf(), database_patience=patience)
    yield Site(parts)
    parts.database.close()


def test_a_postgresql_that_ends_and_starts_again(postgres: Server, tmp_path: Path) -> None:
    with site(tmp_path, database_url=make_database(postgres.address, "ended")) as one:
        assert one.hand_in("before").status_code == 202
        postgres.end(signal.SIGQUIT)
        try:
            answers = [one.hand_in("meanwhile") for _ in range(3)]
            page, health = one.client.get("/sign-in"), one.client.get("/health").get_json()
        finally:
            postgres.start()
        assert [(answer.status_code, answer.headers["Retry-After"]) for answer in answers] == [(503, "5")] * 3
        assert not health["database"]
        assert page.status_code == 200, "who is nobody needs no database"
        again = [one.hand_in("meanwhile") for _ in range(2)]
        assert [answer.status_code for answer in again] == [202, 202]
        assert again[0].get_json()["id"] == again[1].get_json()["id"]


def test_a_postgresql_that_takes_no_changes(postgres: Server, tmp_path: Path) -> None:
    url = make_database(postgres.address, "readonly")

    def change(word: str) -> None:
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute(f"ALTER DATABASE readonly {word}".encode())

    with site(tmp_path, database_url=url) as one:
        change("SET default_transaction_read_only = on")
        one.parts.database.close()
        assert one.hand_in("k").status_code == 503
        assert not one.client.get("/health").get_json()["database"]
        change("RESET default_transaction_read_only")
        one.parts.database.close()
        assert one.hand_in("k").status_code == 202


def test_a_table_that_another_locks(postgres: Server, tmp_path: Path) -> None:
    url = make_database(postgres.address, "locked")
    with site(tmp_path, DatabasePatience(lock=1), database_url=url) as one:
        with psycopg.connect(url.replace("+psycopg", "")) as holder:
            holder.execute("LOCK TABLE submissions IN ACCESS EXCLUSIVE MODE")
            assert one.hand_in("k").status_code == 503
            holder.rollback()
        assert one.hand_in("k").status_code == 202


def test_queries_have_limits_and_exports_and_migrations_none(postgres: Server) -> None:
    database = Database(make_database(postgres.address, "limits"), DatabasePatience(statement=1))

    def limits(session: Any) -> list[str]:
        return [session.scalar(text(f"SHOW {name}_timeout")) for name in ("statement", "lock")]

    with database.read() as session:
        assert limits(session) == ["1s", "15s"]
        with pytest.raises(Exception, match="statement timeout") as caught:
            session.execute(text("SELECT pg_sleep(60)"))
        assert is_away(caught.value)
    with database.read(as_long_as_it_takes=True) as session:
        assert limits(session) == ["0", "0"]
        session.execute(text("SELECT pg_sleep(1.5)"))
    with database.engine.begin() as connection:
        lift_limits(connection)
        assert limits(connection) == ["0", "0"]
    with database.read() as session:
        assert limits(session) == ["1s", "15s"], "only that one transaction was without"
    upgrade(database)
    database.close()


def test_a_postgresql_that_lets_nobody_in_is_given_up(postgres: Server) -> None:
    url = make_database(postgres.address, "hanging")
    database = Database(url, DatabasePatience(connect=2))
    postgres.process.send_signal(signal.SIGSTOP)
    try:
        begun = time.monotonic()
        assert not database.alive()
        assert time.monotonic() - begun < MUCH
    finally:
        postgres.process.send_signal(signal.SIGCONT)
    assert database.alive()
    database.close()


def test_a_redis_that_hangs_holds_up_nobody(redis: Server, tmp_path: Path) -> None:
    with site(tmp_path, broker_url=redis.address) as one:
        assert one.hand_in("before").status_code == 202
        assert queue.purge(one.parts.celery, queue.GRADING) == 1
        redis.process.send_signal(signal.SIGSTOP)
        try:
            begun = time.monotonic()
            answers = [one.hand_in(str(number)) for number in range(8)]
            taken = time.monotonic() - begun
            healthy = one.client.get("/health").get_json()["broker"]
        finally:
            redis.process.send_signal(signal.SIGCONT)
        assert [answer.status_code for answer in answers] == [202] * 8
        assert taken < MUCH, (
            "eight times as long as one of them may take, and as long as one time limit of Redis"
        )
        assert not healthy
        until = time.monotonic() + 60
        later = utc_now() + timedelta(seconds=60)
        while waiting(one) and time.monotonic() < until:
            sweep(one.parts.recorder, one.parts.backlog, later, listening_since=later)
            time.sleep(0.2)
        assert not waiting(one)
        assert queue.purge(one.parts.celery, queue.GRADING) >= 8


def waiting(one: Site) -> list[str]:
    """What no message was sent for."""
    later = utc_now() + timedelta(seconds=60)
    return [found.id for found in one.parts.backlog.waiting(later, later)]


def test_a_full_disk(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    own = ["--mount", "--propagation", "private"] if os.getuid() == 0 else ["--mount", "--map-root-user"]
    words = ["unshare", *own, sys.executable, "-m", "tests.integration.full_disk", folder]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["before"]["status"], told["before"]["disk"]) == (202, True)
    full = told["meanwhile"]
    assert (full["status"], full["again"], full["disk"], full["ready"]) == (503, "5", False, False)
    assert (told["after"]["status"], told["after"]["disk"]) == (202, True)
    assert told["after"]["id"] == told["repeated"]["id"]
    assert told["unfinished"] == []
    assert "Traceback" not in done.stderr
    assert done.stderr.count("away at POST") == 1
    assert not any(folder.iterdir()), "the disk went with its namespace"
