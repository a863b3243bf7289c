from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from workers.scratch import PREFIX, YOUNG_SECONDS, Scratch, remove_abandoned

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def age(folder):
    past = folder.stat().st_mtime - YOUNG_SECONDS - 1
    os.utime(folder, (past, past))


def test_it_goes_with_its_block(temporary):
    with Scratch("train") as folder:
        assert folder.parent == temporary
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "numbers.npy").write_bytes(b"1")
    assert not folder.exists()


def test_closing_twice_closes_nothing_else():
    scratch = Scratch("keras")
    scratch.close()
    other = os.open("/dev/null", os.O_RDONLY)
    scratch.close()
    os.close(other)


def test_what_a_killed_process_left_is_removed(temporary):
    words = "from workers.scratch import Scratch\nprint(Scratch('train').path, flush=True)\ninput()"
    environ = {"PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    with subprocess.Popen(
        [sys.executable, "-c", words], env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        folder = Path(process.stdout.readline().strip())
        (folder / "numbers.npy").write_bytes(b"1")
        age(folder)
        remove_abandoned()
        assert folder.exists(), "its process lives"
        process.send_signal(signal.SIGKILL)
    remove_abandoned()
    assert not folder.exists()


def test_nothing_else_is_touched(temporary):
    young, link, other = temporary / f"{PREFIX}young", temporary / f"{PREFIX}link", temporary / "other"
    young.mkdir()
    other.mkdir()
    link.symlink_to(other)
    (temporary / f"{PREFIX}file").write_bytes(b"")
    age(other)
    remove_abandoned()
    assert {path.name for path in temporary.iterdir()} == {young.name, link.name, "other", f"{PREFIX}file"}
