"""CPU seconds of a process tree, where no control group can be made.

The command runs below `python -m tests.bench.reaper`, which takes in orphans and reaps them, so that the kernel adds their
times to its own. Counted are the times of every process of the tree and of the children that it has reaped, in hundredths
of a second. What this misses: children of a process that ignores SIGCHLD, for which nobody waits. None of ours does.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

TICK = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).resolve().parents[2]
TRIES = 20


class FamilyMeter:
    """The trees below the reapers that it has started; a reaper that ends leaves its times in a file."""

    kind = "process tree"

    def __init__(self) -> None:
        self._reapers: list[subprocess.Popen[bytes]] = []
        self._folder = Path(tempfile.mkdtemp(prefix="bench-"))

    def start(self, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        """The command below a reaper; signals for the reaper are passed on to it."""
        environ = dict(options.pop("env", os.environ))
        environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), environ.get("PYTHONPATH")]))
        told = self._folder / str(len(self._reapers))
        reaper = [sys.executable, "-m", "tests.bench.reaper", str(told), *command]
        process = subprocess.Popen(reaper, env=environ, **options)
        self._reapers.append(process)
        return process

    def seconds(self) -> float:
        """Of all trees, ended ones included."""
        return sum(self._seconds_of(number, reaper.pid) for number, reaper in enumerate(self._reapers))

    def pids(self) -> list[int]:
        """Everything below the reapers."""
        return [pid for reaper in self._reapers for pid in _tree(reaper.pid) if pid != reaper.pid]

    def close(self) -> None:
        """Kill the trees, their roots last."""
        for reaper in self._reapers:
            for pid in reversed(_tree(reaper.pid)):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            reaper.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _seconds_of(self, number: int, pid: int) -> float:
        told = self._folder / str(number)
        return float(told.read_text("ascii")) if told.exists() else _tree_seconds(pid)


def _tree_seconds(root: int) -> float:
    """Read again while processes come and go, since times move from a child to its parent when it is reaped."""
    before = _tree(root)
    for _ in range(TRIES):
        found = sum(map(_own_seconds, before))
        after = _tree(root)
        if after == before:
            break
        before = after
    return found


def _tree(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            children.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
    found, waiting = [], [root] if Path(f"/proc/{root}").exists() else []
    while waiting:
        found.append(waiting.pop())
        waiting += sorted(children.get(found[-1], []))
    return found


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the third on: state, parent, …"""
    return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()


def _own_seconds(pid: int) -> float:
    """Of itself and of the children that it has reaped."""
    with suppress(OSError, IndexError):
        return sum(map(int, _stat(pid)[11:15])) / TICK
    return 0.0
