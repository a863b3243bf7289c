"""Whether a process group stands still: it lives and computes nothing, as when somebody stopped it or its disk hangs."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

LONGEST_SECONDS = 300.0
"""On the wall clock, with less than `LEAST_SHARE` of a core: a machine on which that is normal does no training in a day."""

LEAST_SHARE = 0.01
LOOKS = 20
"""In the longest time. A look that comes late counts as two: whoever was stopped together with the group has seen nothing."""

_TICK = os.sysconf("SC_CLK_TCK")


class Standstill:
    """One group, watched from now on; it may stand still for `longest` seconds."""

    def __init__(self, group: int, longest: float) -> None:
        self._group, self._longest = group, longest
        self._moved_at = cpu_seconds(group)
        self._looked = time.monotonic()
        self._still = 0.0

    @property
    def look_seconds(self) -> float:
        """How long to wait between two looks."""
        return self._longest / LOOKS

    def is_over(self) -> bool:
        """Look: whether it has stood still for the longest time."""
        now, used = time.monotonic(), cpu_seconds(self._group)
        self._still += min(now - self._looked, 2 * self.look_seconds)
        self._looked = now
        if abs(used - self._moved_at) >= LEAST_SHARE * self._longest:
            self._moved_at, self._still = used, 0.0
        return self._still >= self._longest


def cpu_seconds(group: int) -> float:
    """CPU time of the living processes of a group, without those that have ended."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            words = stat.read_text("utf-8", errors="replace").rpartition(")")[2].split()
            if int(words[2]) == group:
                ticks += int(words[11]) + int(words[12])
    return ticks / _TICK
