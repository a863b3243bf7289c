"""What makes unit tests quick and takes nothing of what they show: no waiting for the disk, cheap passwords, databases
that are copied. What is left out here is tested on its own: tests/unit/grader/services/test_accounts.py looks at the real
hasher, tests/unit/grader/db/test_migrate.py runs the migrations, tests/integration does both on real disks.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from grader import catalog
from grader.checks import Rubric
from grader.db import migrate, session
from grader.db.session import Database
from grader.domain.assignment import Assignment
from grader.services import accounts
from grader.settings import BUILT_IN_ASSIGNMENTS
from tests.school import CHEAP, waits_for_no_disk

_READ: dict[Path, tuple[Assignment, Mapping[str, Rubric]]] = {}


@pytest.fixture(scope="module", autouse=True)
def unsynced() -> Iterator[None]:
    """Nor does any that a command opens."""
    really = session._prepare_sqlite

    def prepare(connection: Any, record: Any) -> None:
        really(connection, record)
        waits_for_no_disk(connection, record)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(session, "_prepare_sqlite", prepare)
        yield


@pytest.fixture(scope="module", autouse=True)
def read_once() -> Iterator[None]:
    """What stands in the built-in assignments does not change while tests run: each folder is read once in a process."""
    really = catalog.load_assignment

    def load(folder: Path) -> tuple[Assignment, Mapping[str, Rubric]]:
        if folder.parent != BUILT_IN_ASSIGNMENTS:
            return really(folder)
        if folder not in _READ:
            _READ[folder] = really(folder)
        return _READ[folder]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(catalog, "load_assignment", load)
        yield


@pytest.fixture(scope="module", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """A real hash takes a tenth of a second on purpose; passwords of tests are no secrets."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(accounts, "PasswordHasher", lambda: CHEAP)
        yield


@pytest.fixture(scope="session")
def newest(template: Path) -> str:
    """The revision of a database that was migrated."""
    database = Database(f"sqlite:///{template}")
    revision = migrate.revision_of(database)
    database.close()
    return revision


@pytest.fixture(scope="module", autouse=True)
def copied_databases(template: Path, newest: str) -> Iterator[None]:
    """A command that begins a new SQLite database gets one that was migrated before; an old one is migrated as ever.

    For one that is of today Alembic need not read every migration to find that there is nothing to do.
    """
    really = migrate.upgrade

    def upgrade(database: Database, revision: str = "head") -> None:
        path = Path(database.engine.url.database or "")
        if database.engine.dialect.name == "sqlite" and revision == "head":
            if not path.exists():
                shutil.copy(template, path)
            if migrate.revision_of(database) == newest:
                return
        really(database, revision)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(migrate, "upgrade", upgrade)
        yield
