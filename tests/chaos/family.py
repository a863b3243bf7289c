"""The processes of a service by what they are, read from the kernel; and those that nobody ended."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
KINDS = ("serve", "web", "control", "worker", "grading", "trainer", "bwrap", "supervisor")
"""`worker` is a grading worker's first process, `grading` its child that runs jobs, `supervisor` the first one in a sandbox."""


@contextmanager
def taking_in_orphans() -> Iterator[None]:
    """Whatever a dead parent leaves meanwhile becomes our child."""
    kernel = ctypes.CDLL(None)
    kernel.prctl(_PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        kernel.prctl(_PR_SET_CHILD_SUBREAPER, 0)


def find(root: int, kind: str) -> list[int]:
    """Ids of the processes of that kind below `root`, itself included."""
    return sorted(pid for pid, parent in below(root) if _kind(pid, parent) == kind)


def below(root: int) -> Iterator[tuple[int, int]]:
    """Every process of the tree with its parent."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            parents.setdefault(_parent(int(entry.name)), []).append(int(entry.name))
    waiting = [(root, 0)]
    while waiting:
        pid, parent = waiting.pop()
        yield pid, parent
        waiting += [(child, pid) for child in parents.get(pid, [])]


def tell(pids: list[int], number: signal.Signals) -> int:
    """Send a signal to each that is still there; how many that were."""
    told = 0
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
            told += 1
    return told


def children() -> set[int]:
    """Those of this process: servers that other tests of it share are among them."""
    return {pid for pid, parent in below(os.getpid()) if parent == os.getpid()}


def left_behind(known: set[int], seconds: float = 10.0) -> list[str]:
    """Children of ours that are not in `known`, after a moment; what each was called with. They are ended."""
    until = time.monotonic() + seconds
    while found := sorted(children() - known):
        for pid in found:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        if time.monotonic() > until:
            words = [" ".join(_words(pid))[:200] for pid in found if _words(pid)]
            tell(found, signal.SIGKILL)
            return words
        time.sleep(0.1)
    return []


def _kind(pid: int, parent: int) -> str:
    words = _words(pid)
    line = " ".join(words)
    if "grader.cli" in words:
        return "control" if "control,webhooks" in words else words[words.index("grader.cli") + 1]
    if "workers.training" in words:
        return "trainer"
    if "workers" in words:
        return "grading" if "workers" in _words(parent) else "worker"
    if words[:1] and Path(words[0]).name == "bwrap":
        return "bwrap"
    if "runpy" in line and Path((_words(parent) or ["?"])[0]).name == "bwrap":
        return "supervisor"
    return ""


def _words(pid: int) -> list[str]:
    try:
        return [
            word for word in Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").split("\0") if word
        ]
    except OSError:
        return []


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0
