"""How much memory a job holds, where no control group counts it: a look at its processes, every tick.

A look sees what it finds: memory of pipes and sockets, and of processes that come and go between two looks, escapes
it. So this bounds accidents; `Sandbox.degraded` goes on naming memory.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from . import counters

_KIB = 1024
_COUNTED = ("RssAnon:", "RssShmem:")


@dataclass
class Memory:
    """Of a job's user (None: everybody in the namespace): what its processes hold beyond what a fork gave them, and its files.

    RssAnon and RssShmem of proc_pid_status(5); what a process had when it was first seen, and its parent had, too, it
    inherited. It may only give that back: after an `exec` nothing of it is left.
    """

    uid: int | None
    folders: Sequence[Path]
    inherited: dict[int, int] = field(default_factory=dict)
    files_before: int = 0
    before_fork: int = 0

    def __post_init__(self) -> None:
        """Remember what is there before the job's first process."""
        self.files_before = _files(self.folders)
        self.before_fork = _held(os.getpid())[0]

    def used_bytes(self) -> int:
        """Bytes held now."""
        held = {pid: _held(pid) for pid in counters.processes(self.uid)}
        for pid, (size, parent) in held.items():
            had = held[parent][0] if parent in held else self.before_fork
            self.inherited[pid] = min(size, self.inherited.get(pid, had))
        processes = sum(size - self.inherited[pid] for pid, (size, _) in held.items())
        return processes + max(0, _files(self.folders) - self.files_before)


def _held(pid: int) -> tuple[int, int]:
    """(bytes, parent's process id) of one process; a process that is gone holds nothing."""
    size, parent = 0, 0
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(_COUNTED):
                size += int(line.split()[1]) * _KIB
            elif line.startswith("PPid:"):
                parent = int(line.split()[1])
    return size, parent


def _files(folders: Sequence[Path]) -> int:
    """Bytes of the file systems in memory that a job may write to."""
    used = {}
    for folder in folders:
        # Elsewhere than on a file system of its own others write, too.
        if folder.is_mount():
            room = os.statvfs(folder)
            used[folder.stat().st_dev] = (room.f_blocks - room.f_bfree) * room.f_frsize
    return sum(used.values())
