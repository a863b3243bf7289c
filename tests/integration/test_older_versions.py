"""From an older release to this one with work waiting, and back, as docs/operations.md has it typed.

The older release is commit a30eb13 of this repository, run with this environment's Python and libraries.
"""

from __future__ import annotations

import io
import json
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from grader.backup import snapshot
from grader.db.columns import utc_now
from grader.db.migrate import differences
from tests.engine import PROJECT
from tests.integration.conftest import ASSIGNMENTS, Served, environment, wait_until
from tests.integration.test_backup import SOURCES, all_final, ends, parts_on, reports, typed

pytestmark = [pytest.mark.services, pytest.mark.sandbox]

OLDER = "a30eb13"
HANDED_IN = 3
SCRIPT = Path(__file__).with_name("old_school.py")


class Older(Served):
    """A service of the older release."""

    def __init__(self, code: Path, folder: Path, *words: str, **settings: str) -> None:
        self.code = code
        super().__init__(folder, *words, **settings)


def release(folder: Path) -> Path:
    """The code of the older release, out of the history of this clone."""
    taken = subprocess.run(["git", "archive", OLDER], cwd=PROJECT, capture_output=True, check=False)
    assert taken.returncode == 0, (
        f"commit {OLDER} is not in this clone ({taken.stderr.decode()}): the test needs the whole history,"
        " git fetch --unshallow brings it"
    )
    with tarfile.open(fileobj=io.BytesIO(taken.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def hand_in(release: Path, folder: Path) -> list[str]:
    """What the older release took while no worker ran."""
    environ = environment(folder) | {
        "PYTHONPATH": str(release),
        "GRADER_DATA_DIR": str(folder / "data"),
        "GRADER_ASSIGNMENTS_DIR": str(ASSIGNMENTS),
    }
    (folder / "data").mkdir()
    command = [sys.executable, str(SCRIPT), str(HANDED_IN), *SOURCES]
    done = subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout.splitlines()[-1]))


def graded(served: Served, known: list[str], look: Callable[[], bool]) -> None:
    """Let it run until that is so. (What an older one says of its health is other words.)"""
    try:
        wait_until(look, 240, lambda: f"{known} to be graded: {served.log.read_text()}")
    finally:
        served.end()


def test_what_waits_is_graded_after_an_upgrade_and_after_the_way_back(tmp_path: Path) -> None:
    old = release(tmp_path / "older")
    home = tmp_path / "home"
    home.mkdir()
    known = hand_in(old, home)
    data, settings = home / "data", {"assignments_dir": str(ASSIGNMENTS)}
    was = snapshot.revision_of(data / "grader.db")
    typed("before the newer version starts", tmp_path, data, environment(home))

    assert was not in {"", snapshot.revision_of(_brought_back(tmp_path, len(known)))}

    served = Served(home, "--workers", "1", **settings)
    parts = parts_on(data)
    graded(served, known, lambda: all_final(parts))
    newer = ends(parts)
    assert list(newer) == known
    assert {verdict for _, verdict, _ in newer.values()} == {"passed", "failed", "invalid"}
    assert reports(parts) == dict.fromkeys(known, 1)
    assert differences(parts.database) == []
    parts.database.close()

    typed("back to a version without restore", tmp_path, data, environment(home))
    assert snapshot.revision_of(data / "grader.db") == was
    assert (home / "data.newer" / "grader.db").exists()
    assert _states(data) == dict.fromkeys(known, "queued")
    graded(
        Older(old, home, "--workers", "1", **settings),
        known,
        lambda: _states(data) == dict.fromkeys(known, "done"),
    )
    assert snapshot.revision_of(data / "grader.db") == was, "it was the older release that graded"
    assert _states(data, "verdict") == {one: verdict for one, (_, verdict, _) in newer.items()}


def _brought_back(folder: Path, waiting: int) -> Path:
    """What the newer release restores of the older one's backup: all waits, and the schema is the newer one's."""
    data = folder / "restored"
    (folder / "before.tar").rename(folder / "grader.tar")
    said = typed("bring back", folder, data, environment(folder))
    assert f"when it starts: {waiting}." in said
    (folder / "grader.tar").rename(folder / "before.tar")
    parts = parts_on(data)
    assert len(parts.backlog.waiting(utc_now(), utc_now())) == waiting
    assert differences(parts.database) == []
    parts.database.close()
    return data / "grader.db"


def _states(data: Path, column: str = "state") -> dict[str, str]:
    """By SQL alone: the tables are of another release."""
    with closing(sqlite3.connect(data / "grader.db", timeout=15)) as database:
        return dict(database.execute(f"SELECT id, {column} FROM submissions"))
