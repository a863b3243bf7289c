"""CPU seconds of everything that one command starts: children living and reaped, orphans, and what sandboxes hold.

A control group counts in the kernel, whatever becomes of the processes, and the groups that sandboxes make below it count
with it. Where none can be made, `family.py` adds up the process tree instead.
"""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from tests.bench.family import FamilyMeter
from workers.sandbox.control_group import find_parents

SECONDS_TO_DIE = 10.0
_COUNT = itertools.count()


class Meter(Protocol):
    """Counts what it starts."""

    kind: str

    def start(self, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        """`Popen`, counted from its first instruction."""

    def seconds(self) -> float:
        """CPU seconds so far."""

    def pids(self) -> list[int]:
        """What runs at the moment."""

    def close(self) -> None:
        """Kill what is left, and count no more."""


class GroupMeter:
    """A control group below our own: `cpuacct.usage` of version 1, `cpu.stat` of version 2."""

    kind = "control group"

    def __init__(self, parent: Path) -> None:
        self._folder = parent / f"bench-{os.getpid()}-{next(_COUNT)}"
        self._folder.mkdir()
        self._is_old = (self._folder / "cpuacct.usage").exists()

    def start(self, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        """A shell joins the group and becomes the command."""
        join = f'echo $$ > "{self._folder}/cgroup.procs" && exec "$@"'
        return subprocess.Popen(["/bin/sh", "-c", join, "sh", *command], **options)

    def seconds(self) -> float:
        """What the kernel has counted."""
        if self._is_old:
            return int((self._folder / "cpuacct.usage").read_text("ascii")) / 1e9
        first = (self._folder / "cpu.stat").read_text("ascii").split()
        return int(first[first.index("usage_usec") + 1]) / 1e6

    def pids(self) -> list[int]:
        """Of the group and of those below it; some may be gone already."""
        found: list[int] = []
        for path in self._folder.rglob("cgroup.procs"):
            with suppress(OSError):
                found += [int(pid) for pid in path.read_text("ascii").split()]
        return found

    def close(self) -> None:
        """Kill what is left in the group, then remove it and those below."""
        until = time.monotonic() + SECONDS_TO_DIE
        while self._folder.exists() and time.monotonic() < until:
            for pid in self.pids():
                if pid > 1:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            for folder in [*sorted(self._folder.rglob("*/"), reverse=True), self._folder]:
                with suppress(OSError):
                    folder.rmdir()
            time.sleep(0.01)


@contextmanager
def metered() -> Iterator[Meter]:
    """A meter for as long as the block runs."""
    meter = make_meter()
    try:
        yield meter
    finally:
        meter.close()


def make_meter() -> Meter:
    """A control group where one can be made, else the family."""
    parents = find_parents()
    folders = {} if parents is None else parents.folders
    parent = folders.get("cpuacct") or folders.get("")
    return FamilyMeter() if parent is None else GroupMeter(parent)
