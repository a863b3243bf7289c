from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

from workers.sandbox.bait import VARIABLE, planted


def test_everything_is_planted_and_taken_away(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with planted([tmp_path, tmp_path / "none"]) as bait:
        assert os.environ[VARIABLE] == bait.secret
        assert bait.files[0].parent == tmp_path
        assert all(file.read_text("ascii") == bait.secret for file in bait.files)
        assert bait.taken() == []
    assert VARIABLE not in os.environ
    assert list(tmp_path.iterdir()) == []
    assert bait.watchman.poll() is not None
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_the_description_does_not_hold_the_secret_in_one_piece(tmp_path: Path) -> None:
    with planted([tmp_path]) as bait:
        assert bait.secret not in str(bait.described())
        assert "".join(bait.described()["secret"]) == bait.secret


def test_every_touch_is_seen(tmp_path: Path) -> None:
    with planted([tmp_path]) as bait:
        told = bait.described()
        with socket.create_connection(("127.0.0.1", told["port"])):
            assert bait.taken() == ["a TCP port was reached"]
        with socket.socket(socket.AF_UNIX) as knocking:
            knocking.connect("\0" + told["abstract"])
            assert bait.taken() == ["a Unix socket was reached"]
        bait.files[0].write_text("mine", encoding="ascii")
        assert bait.taken() == [f"{bait.files[0]} was changed"]
        bait.files[0].unlink()
        os.kill(told["watchman"], 9)
        bait.watchman.wait()
        assert len(bait.taken()) == 2


def test_the_watchman_is_told_from_other_processes_by_its_command_line(tmp_path: Path) -> None:
    with planted([tmp_path]) as bait:
        marker = bait.described()["marker"].encode()
        until = time.monotonic() + 20
        while marker not in _words(bait.watchman.pid):
            assert time.monotonic() < until
            time.sleep(0.01)  # between fork and exec a process has no words of its own
        assert isinstance(bait.watchman, subprocess.Popen)


def _words(pid: int) -> list[bytes]:
    return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
