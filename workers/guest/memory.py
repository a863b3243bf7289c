"""How much memory a job holds, where no control group counts it: a look at its processes, every tick.

A look sees what it finds: memory of pipes and sockets, and of processes that come and go between two looks, escapes
it. So this bounds accidents; `Sandbox.degraded` goes on naming memory.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from . import counters

_KIB = 1024
_COUNTED = ("RssAnon", "RssShmem")


@dataclass
class Memory:
    """Of a job's user (None: everybody in the namespace): what its processes hold beyond what a fork gave them, and its files.

    RssAnon and RssShmem of proc_pid_status(5). What a process had when it was first seen, and whoever forked it had, too, it
    inherited; it may only give that back: after an `exec` nothing of it is left. A parent may be going or gone when its
    child is first seen, so the most that it ever had counts; of an orphan's, the most that anybody had.
    """

    uid: int | None
    folders: Sequence[Path]
    inherited: dict[int, int] = field(default_factory=dict)
    most: dict[int, int] = field(default_factory=dict)
    files_before: int = 0
    before_fork: int = 0

    def __post_init__(self) -> None:
        """Remember what is there before the job's first process."""
        self.files_before = _files(self.folders)
        self.before_fork, _ = _held(os.getpid())

    def used_bytes(self) -> int:
        """What the job holds now."""
        processes = {pid: _held(pid) for pid in counters.processes(self.uid)}
        own = [size - self._inherited(pid, processes) for pid, (size, _) in processes.items()]
        for pid, (size, _) in processes.items():
            self.most[pid] = max(size, self.most.get(pid, 0))
        return sum(own) + max(0, _files(self.folders) - self.files_before)

    def _inherited(self, pid: int, processes: Mapping[int, tuple[int, int]]) -> int:
        size, parent = processes[pid]
        if pid not in self.inherited:
            had = self.most.get(parent) or max(self.most.values(), default=0)
            now = processes[parent][0] if parent in processes else 0
            self.inherited[pid] = max(had, now, self.before_fork)
        self.inherited[pid] = min(size, self.inherited[pid])
        return self.inherited[pid]


def _held(pid: int) -> tuple[int, int]:
    """(bytes, parent's process id) of one process; one that is gone holds nothing."""
    found = dict.fromkeys((*_COUNTED, "PPid"), 0)
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name in found:
                found[name] = int(value.split()[0])
    return sum(found[name] for name in _COUNTED) * _KIB, found["PPid"]


def _files(folders: Sequence[Path]) -> int:
    """Bytes of the file systems in memory that a job may write to."""
    used = {}
    for folder in folders:
        # Elsewhere than on a file system of its own others write, too.
        if folder.is_mount():
            room = os.statvfs(folder)
            used[folder.stat().st_dev] = (room.f_blocks - room.f_bfree) * room.f_frsize
    return sum(used.values())
