"""What makes unit tests quick and takes nothing of what they show: no waiting for the disk, cheap passwords, databases
that are copied. What is left out here is tested on its own: tests/unit/grader/services/test_accounts.py looks at the real
hasher, tests/unit/grader/db/test_migrate.py runs the migrations, tests/integration does both on real disks.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.db import migrate, session
from grader.db.session import Database
from grader.services import accounts
from tests.school import CHEAP


@pytest.fixture(scope="module", autouse=True)
def unsynced() -> Iterator[None]:
    """No database of a test outlives a failure of power: SQLite need not wait until the disk has what it was given."""
    really = session._prepare_sqlite

    def prepare(connection: Any, record: Any) -> None:
        really(connection, record)
        connection.execute("PRAGMA synchronous = OFF")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(session, "_prepare_sqlite", prepare)
        yield


@pytest.fixture(scope="module", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """A real hash takes a tenth of a second on purpose; passwords of tests are no secrets."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(accounts, "PasswordHasher", lambda: CHEAP)
        yield


@pytest.fixture(scope="module", autouse=True)
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
