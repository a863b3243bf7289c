"""How many messages may be under way at the same time: few to each endpoint, so that a slow one delays no other."""

from __future__ import annotations

import threading
from collections import Counter

AT_ONCE = 2
"""To one endpoint, from one process."""

AT_ONCE_IN_ALL = 32
"""From one process: so many endpoints have to hang at the same time before another one waits."""


class Places:
    """Counts what is under way by endpoint; for many threads."""

    def __init__(self, each: int = AT_ONCE, in_all: int = AT_ONCE_IN_ALL) -> None:
        self._each = each
        self._in_all = in_all
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, endpoint: str) -> bool:
        """Take a place; False where none is free."""
        with self._lock:
            free = self._taken[endpoint] < self._each and self._taken.total() < self._in_all
            if free:
                self._taken[endpoint] += 1
            return free

    def give_back(self, endpoint: str) -> None:
        """Of one that was taken."""
        with self._lock:
            self._taken[endpoint] -= 1
            self._taken += Counter()  # only endpoints with something under way are remembered
