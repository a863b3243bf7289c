"""What makes unit tests quick and takes nothing of what they show: no waiting for the disk, cheap passwords, databases
that are copied, statements that are compiled once. What is left out here is tested on its own: tests/unit/grader/services/test_accounts.py looks at the real
hasher, tests/unit/grader/db/test_migrate.py runs the migrations, tests/integration does both on real disks.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from grader.db import migrate, session
from grader.db.patience import DatabasePatience
from grader.db.session import Database
from grader.services import accounts
from tests.school import CHEAP


@pytest.fixture(scope="session", autouse=True)
def unsynced() -> Iterator[None]:
    """No database of a test outlives a failure of power: SQLite need not wait until the disk has what it was given."""
    really = session._prepare_sqlite

    def prepare(connection: Any, record: Any) -> None:
        really(connection, record)
        connection.execute("PRAGMA synchronous = OFF")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(session, "_prepare_sqlite", prepare)
        yield


@pytest.fixture(scope="session", autouse=True)
def compiled_once(database: Database) -> Iterator[None]:
    """What one engine has compiled of SQLAlchemy's statements, the next one of SQLite need not compile again."""
    really, known = session._open, database.engine

    def opened(url: str, patience: DatabasePatience) -> Engine:
        engine = really(url, patience)
        if engine.dialect.name == "sqlite":
            engine.dialect = engine.pool._dialect = known.dialect
            engine._compiled_cache = known._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(session, "_open", opened)
        yield


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """A real hash takes a tenth of a second on purpose; passwords of tests are no secrets."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(accounts, "PasswordHasher", lambda: CHEAP)
        yield


@pytest.fixture(scope="session", autouse=True)
def copied_databases(template: Path) -> Iterator[None]:
    """A command that begins a new SQLite database gets one that was migrated before; an old one is migrated as ever."""
    really = migrate.upgrade

    def upgrade(database: Database, revision: str = "head") -> None:
        path = Path(database.engine.url.database or "")
        if database.engine.dialect.name == "sqlite" and revision == "head" and not path.exists():
            shutil.copy(template, path)
        really(database, revision)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(migrate, "upgrade", upgrade)
        yield
