"""What the kernel counted for the control group of this sandbox, version 1 or 2, and for its processes.

A counter that cannot be read is None: the caller then falls back to less. Only a group that limits memory is
believed to be ours; the root group of a machine counts other people's accidents.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
_NO_LIMIT = 1 << 60


@dataclass(frozen=True)
class Counters:
    """Counts since the group was made; CPU time in seconds."""

    memory_kills: int | None
    refused_forks: int | None
    cpu_seconds: float | None


def _text(*names: str, root: Path) -> str | None:
    for name in names:
        try:
            return (root / name).read_text(encoding="ascii")
        except (OSError, ValueError):
            continue
    return None


def _field(text: str | None, key: str) -> int | None:
    for line in (text or "").splitlines():
        words = line.split()
        if words[:1] == [key]:
            return int(words[1])
    return None


def memory_limit_bytes(root: Path = GROUPS) -> int | None:
    """The group's memory limit, or None where there is none."""
    text = _text("memory.max", "memory/memory.limit_in_bytes", root=root)
    if text is None or not text.strip().isdigit():
        return None
    limit = int(text)
    return limit if limit < _NO_LIMIT else None


def _cpu_seconds(root: Path) -> float | None:
    microseconds = _field(_text("cpu.stat", root=root), "usage_usec")
    if microseconds is not None:
        return microseconds / 1e6
    nanoseconds = _text("cpuacct/cpuacct.usage", "cpu,cpuacct/cpuacct.usage", root=root)
    return int(nanoseconds) / 1e9 if nanoseconds else None


def read(root: Path = GROUPS) -> Counters:
    """Read all counters now."""
    if memory_limit_bytes(root) is None:
        return Counters(None, None, None)
    kills = _field(_text("memory.events", "memory/memory.oom_control", root=root), "oom_kill")
    forks = _field(_text("pids.events", "pids/pids.events", root=root), "max")
    return Counters(kills, forks, _cpu_seconds(root))


def grew(before: int | None, after: int | None) -> bool:
    """Whether a counter is there and has grown."""
    return before is not None and after is not None and after > before


def processes(uid: int | None) -> list[int]:
    """Process ids in this pid namespace: of one user, or all but this process and its namespace's first."""
    found = []
    for folder in Path("/proc").glob("[1-9]*"):
        pid = int(folder.name)
        if pid in (1, os.getpid()):
            continue
        with suppress(OSError):
            if uid is None or uid in _users(pid):
                found.append(pid)
    return found


def _users(pid: int) -> set[int]:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("Uid:"):
            return {int(word) for word in line.split()[1:]}
    return set()


def tree_cpu_seconds(uid: int | None) -> float:
    """CPU time of the living processes of a job and of the children that they have reaped."""
    ticks = 0
    for pid in processes(uid):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        ticks += sum(int(word) for word in stat.rpartition(")")[2].split()[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")
