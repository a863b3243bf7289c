"""Whatever a folder was before, nobody but its owner reads what the service keeps in it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader.cli.parts import open_parts
from grader.cli.processes import Child
from grader.private import private_database, private_file, private_folder


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


@pytest.mark.parametrize("before", [None, 0o755, 0o777, 0o770, 0o700])
def test_a_folder_is_its_owners_alone(tmp_path: Path, before: int | None) -> None:
    folder = tmp_path / "data"
    if before is not None:
        folder.mkdir()
        folder.chmod(before)
    assert mode(private_folder(folder)) == 0o700


def test_a_folder_that_everybody_shares_is_left_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o1777)
    assert mode(private_folder(tmp_path / "shared")) == 0o1777
    assert "by others" in caplog.text


def test_files_are_made_and_made_private(tmp_path: Path) -> None:
    for name in ("old.db", "old.db-wal"):
        (tmp_path / name).write_bytes(b"x")
        (tmp_path / name).chmod(0o644)
    private_database(tmp_path / "old.db")
    assert [mode(tmp_path / name) for name in ("old.db", "old.db-wal")] == [0o600, 0o600]
    assert (tmp_path / "old.db").read_bytes() == b"x"
    assert mode(private_file(tmp_path / "new.db")) == 0o600


def test_a_database_in_a_wide_folder_is_private_from_its_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    (tmp_path / "elsewhere").mkdir(mode=0o755)
    monkeypatch.setenv("GRADER_DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere' / 'own.db'}")
    parts = open_parts(tmp_path / "data")
    with parts.database.read() as session:
        session.connection()
        kept = list((tmp_path / "elsewhere").iterdir())
        assert kept
        assert {mode(path) for path in kept} == {0o600}
    parts.database.close()
    assert mode(tmp_path / "data") == 0o700


def test_a_log_is_private(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text("before\n")
    log.chmod(0o644)
    child = Child("web", [sys.executable, "-ISc", "print('x')"], {}, log)
    child.start()
    assert child.process is not None
    child.process.wait()
    assert mode(log) == 0o600
    assert log.read_text() == "before\nx\n"
