"""Logs turn while they are written."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from grader.cli import logs
from grader.cli.logs import older, turn
from grader.private import private_file


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return private_file(tmp_path / "web.log")


def test_a_small_log_stays_and_none_is_none(log: Path) -> None:
    log.write_text("x" * 10)
    assert not turn(log, largest=10)
    assert not turn(log.with_name("other.log"), largest=10)
    assert log.read_text() == "x" * 10


def test_size_and_number_are_bounded_and_all_are_private(log: Path) -> None:
    for number in range(8):
        log.write_text(f"{number}" * 20)
        assert turn(log, largest=10, kept=3)
        assert log.read_text() == ""
    names = sorted(path.name for path in log.parent.iterdir())
    assert names == ["web.1.log", "web.2.log", "web.3.log", "web.log"]
    assert [older(log, number).read_text()[0] for number in (1, 2, 3)] == ["7", "6", "5"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in log.parent.iterdir()} == {0o600}


def test_two_processes_that_write_lose_nothing_but_what_came_between(log: Path) -> None:
    """Both have the file open, as a worker and its child have; both go on at its new end, with no hole before it."""
    code = "import os\nfor n in range(4000): os.write(1, b'%s %06d\\n' % (b'{}', n))"
    with log.open("ab") as output:
        writers = [
            subprocess.Popen([sys.executable, "-c", code.replace("{}", name)], stdout=output) for name in "ab"
        ]
        turned = 0
        while any(writer.poll() is None for writer in writers):
            turned += turn(log, largest=4096, kept=100)
    turned += turn(log, largest=1, kept=100)
    lines = [line for path in log.parent.glob("web.*.log") for line in path.read_bytes().splitlines()]
    assert turned >= 2
    assert not any(b"\0" in line for line in lines)
    assert len(lines) == len(set(lines))
    assert all(line[:1] in b"ab" or len(line) < 8 for line in lines)
    assert [writer.returncode for writer in writers] == [0, 0]


def test_a_full_disk_empties_the_log_all_the_same(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(logs, "private_file", full)
    log.write_text("x" * 20)
    assert turn(log, largest=10)
    assert log.stat().st_size == 0
