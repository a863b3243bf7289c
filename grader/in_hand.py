"""What the control worker shows of itself to its watchdog: its tasks run in threads, so plain numbers do."""

from __future__ import annotations

import threading
from typing import Any


class InHand:
    """How many tasks run now, how many have begun or ended, and the last message to itself that came back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self.beats = 0
        self.echo = 0

    @property
    def is_busy(self) -> bool:
        """Whether any task runs."""
        return self._running > 0

    def begin(self, **_event: Any) -> None:
        """A task begins; keywords are a signal's of Celery."""
        self._count(1)

    def end(self, **_event: Any) -> None:
        """A task has ended, however."""
        self._count(-1)

    def heard(self, number: int) -> None:
        """A message to itself came back."""
        with self._lock:
            self.echo = max(number, self.echo)

    def _count(self, change: int) -> None:
        with self._lock:
            self._running += change
            self.beats += 1
