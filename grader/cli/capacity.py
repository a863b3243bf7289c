"""How many grading workers this machine has room for."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

GRADING_MIB = (
    3500  # each worker, measured: 2 GiB that a submission may use, its loaded libraries, and the trainer
)
FRESH_MIB = 2048 + 768
"""A sandbox that is made for one job: what the job may use, and the libraries that are loaded for it alone."""
_MIB = 2**20
_LIMITS = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))


def workers_that_fit(users: str) -> int:
    """Workers that grade at the same time, where a sandbox gives jobs users of their `own`, or has `one` for all.

    Where each job gets a sandbox of its own, its libraries are loaded anew each time, on one core: so as many as cores.
    """
    if users == "one":
        return fresh_ones_that_fit(cores(), free_memory_mib())
    memory_mib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _MIB
    return 2 if memory_mib > 2 * GRADING_MIB else 1


def fresh_ones_that_fit(at_once: int, memory_mib: float) -> int:
    """One at least, whatever there is."""
    return max(1, min(at_once, int(memory_mib // FRESH_MIB)))


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


def free_memory_mib(proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> float:
    """Memory that may still be used: of this machine, and of the container that we may be in."""
    lines = (proc / "meminfo").read_text(encoding="ascii").splitlines()
    found = [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    for folder in (groups, groups / "memory"):
        for limit, used in _LIMITS:
            with suppress(OSError, ValueError):  # no such file, or the word max
                found.append(_number(folder / limit) - _number(folder / used))
    return max(0, min(found, default=0)) / _MIB


def _number(file: Path) -> int:
    return int(file.read_text(encoding="ascii"))
