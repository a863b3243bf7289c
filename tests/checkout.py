"""A copy of this project as a newcomer has it: no history, nothing made yet; and what a command in it leaves behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.shared import UNTIL_WE_END

PROJECT = Path(__file__).resolve().parent.parent
PARTS = ("assignments", "docker", "docs", "grader", "reference_solutions", "requirements", "workers")
FILES = ("Makefile", "README.md", "LICENSE", "pyproject.toml", "setup.py")
A_VERDICT_EACH = ("accepted", "failed", "invalid")


def copy_project(place: Path, *, solutions: str = "", of_each: int | None = None) -> Path:
    """Copy it there; of the reference solutions one exercise alone, and of it so many `of_each` verdict."""
    place.mkdir(parents=True)
    for name in PARTS:
        shutil.copytree(
            PROJECT / name, place / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
        )
    for name in FILES:
        shutil.copy(PROJECT / name, place)
    if solutions:
        for folder in (place / "reference_solutions").iterdir():
            if folder.name != solutions:
                shutil.rmtree(folder)
        for verdict in A_VERDICT_EACH:
            for file in sorted((place / "reference_solutions" / solutions / verdict).glob("*.py"))[of_each:]:
                file.unlink()
    return place


@contextmanager
def everybodys_folder() -> Iterator[Path]:
    """A temporary folder that an ordinary user may look into; pytest's own are closed by each run that begins."""
    with tempfile.TemporaryDirectory(prefix="newcomer-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def environment(**more: str) -> dict[str, str]:
    """What a newcomer's shell has: nothing of this test run, of pip's or make's."""
    ours = ("GRADER_", "PYTEST_", "PIP_", "MAKE", "PYTHON", "DEMO")
    return {name: text for name, text in os.environ.items() if not name.startswith(ours)} | more


def run(
    place: Path, *words: str, mounts: str = "", user: int = 0, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a command there, to its end; `mounts` is done before, and seen by nobody else."""
    with started(place, *words, mounts=mounts, user=user, **more) as process:
        said, _ = process.communicate(timeout=300)
    return subprocess.CompletedProcess(words, process.returncode, said, "")


@contextmanager
def started(
    place: Path, *words: str, mounts: str = "", user: int = 0, **more: str
) -> Iterator[subprocess.Popen[str]]:
    """A command that runs there, with both outputs in one pipe; killed at the end where it still runs."""
    command = list(words)
    if user:
        command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *command]
    if mounts:
        command = ["unshare", "--mount", "sh", "-ec", f'{mounts}\ncd .; exec "$@"', "sh", *command]
    process = subprocess.Popen(
        [*UNTIL_WE_END, *command],
        cwd=place,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What it says until a line has these words; fails where it ends before."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(f"it never said {words!r}:\n{said}")


def descendants(pid: int) -> set[int]:
    """All processes below that one, whatever they are called and wherever they are."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(entry.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(entry.parent.name))
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found.update(below)
        waiting += below
    return found


def alive(pids: set[int]) -> dict[int, str]:
    """Which of them still run, and what they are; one that is only waited for does not."""
    found = {}
    for pid in pids:
        try:
            about = Path(f"/proc/{pid}/status").read_text()
            words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if "State:\tZ" not in about:
            found[pid] = words[:200]
    return found


def await_end_of(pids: set[int], seconds: float = 60) -> None:
    """Wait until none of them runs; the time is a bound against hanging."""
    until = time.monotonic() + seconds
    while left := alive(pids):
        assert time.monotonic() < until, left
        time.sleep(0.1)


def demo(*more: str) -> list[str]:
    """The demo of the copy that it is started in, by the Python of these tests."""
    return [sys.executable, "-m", "grader.demo", *more]


def end(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str]:
    """Send it a signal; its status and its last words, once everything that it has started has ended."""
    below = descendants(process.pid)
    process.send_signal(number)
    assert process.stdout is not None
    said = process.stdout.read()
    status = process.wait(60)
    await_end_of(below)
    return status, said
