from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from grader.cli.processes import Child, memory_mib


def child(tmp_path: Path, code: str) -> Child:
    return Child("c", [sys.executable, "-c", code], os.environ, tmp_path / "c.log")


def test_a_child_is_started_watched_and_ended(tmp_path: Path) -> None:
    one = child(tmp_path, "import time; print('hello', flush=True); time.sleep(60)")
    one.start()
    assert not one.fell_over()
    while "hello" not in one.log.read_text():
        time.sleep(0.01)
    assert memory_mib([one.process.pid]) > 1
    one.end()
    one.wait(time.monotonic() + 20)
    assert one.process.returncode == -signal.SIGTERM


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    one = child(tmp_path, code)
    one.start()
    while "deaf" not in one.log.read_text():
        time.sleep(0.01)
    one.end()
    one.wait(time.monotonic() + 0.1)
    assert one.process.returncode == -signal.SIGKILL


def test_its_log_turns_while_it_writes_and_it_goes_on_at_the_new_end(tmp_path: Path) -> None:
    code = "import os, time\nwhile True: os.write(2, b'x' * 999 + b'\\n'); time.sleep(0.001)"
    one = child(tmp_path, code)
    one.largest_log = 20_000
    one.start()
    turned = 0
    while turned < 3:
        before = one.log.stat().st_size
        one.turn_log()
        turned += one.log.stat().st_size < before
    while not one.log.stat().st_size:
        time.sleep(0.001)
    one.end()
    one.wait(time.monotonic() + 20)
    assert set(one.log.read_bytes()) == set(b"x\n")
    assert {path.name for path in tmp_path.iterdir()} == {"c.log", "c.1.log", "c.2.log", "c.3.log"}


def test_the_first_start_has_words_of_its_own(tmp_path: Path) -> None:
    one = child(tmp_path, "import sys; print(sys.argv[1:])")
    one.first_words = ("--examined",)
    for _ in range(2):
        one.start()
        one.process.wait()
    assert one.log.read_text() == "['--examined']\n[]\n"


def test_a_child_that_falls_over_comes_back_later_and_later(tmp_path: Path) -> None:
    one, pauses = child(tmp_path, "raise SystemExit(1)"), []
    for _ in range(3):
        one.start()
        one.process.wait()
        assert one.fell_over()
        assert not one.is_due()
        pauses.append(one.pause)
    assert pauses == sorted(set(pauses))


def test_children_die_with_their_parent(tmp_path: Path) -> None:
    """A parent that is SIGKILLed has no chance to tidy up."""
    code = (
        "import os, pathlib, sys, time\n"
        "from grader.cli.processes import Child\n"
        f"c = Child('c', [sys.executable, '-c', 'import time; time.sleep(60)'], os.environ, pathlib.Path({str(tmp_path / 'l')!r}))\n"
        "c.start(); print(c.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[4]
    )
    assert parent.stdout is not None
    with parent.stdout:
        grandchild = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    until = time.monotonic() + 20
    while not has_ended(grandchild):
        assert time.monotonic() < until
        time.sleep(0.01)


def has_ended(pid: int) -> bool:
    """Whether it is gone, or nobody has asked for its status yet."""
    try:
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True
