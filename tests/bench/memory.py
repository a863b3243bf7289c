"""Memory of the service, shared pages counted once (PSS): at rest, and of one grading worker while it grades."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from grader.cli.processes import memory_mib
from tests.bench.metering import Meter

LOOK_EVERY = 0.5


def whole_mib(meter: Meter) -> float:
    """Everything that runs."""
    return memory_mib(meter.pids())


def grading_workers(meter: Meter) -> list[int]:
    """The topmost process of each grading worker; its guest, its trainer and their forks are below."""
    workers = {pid for pid in meter.pids() if b"-m\0workers\0--queues" in _read(pid, "cmdline")}
    return [pid for pid in sorted(workers) if _parent(pid) not in workers]


class Peak:
    """The most that one of these processes has had with everything below it, looked at twice a second."""

    def __init__(self, find: Callable[[], list[int]]) -> None:
        self._find = find
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.mib = 0.0
        self.looks = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        pids = self._find()
        while not self._over.wait(LOOK_EVERY):
            self.mib = max([self.mib, *(memory_mib([pid]) for pid in pids)])
            self.looks += 1


def _parent(pid: int) -> int:
    words = _read(pid, "stat").rpartition(b")")[2].split()
    return int(words[1]) if words else 0


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""
