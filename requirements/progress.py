"""How far an installation is: on a terminal one line that is written over, elsewhere a line every 15 seconds."""

from __future__ import annotations

import shutil
import time
from typing import TextIO

LINE_SECONDS = 15.0
TERMINAL_SECONDS = 0.5


class Progress:
    """Says what is done at the moment, and how long it has been."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._is_terminal = out, out.isatty()
        self._started = time.monotonic()
        self._every = TERMINAL_SECONDS if self._is_terminal else LINE_SECONDS
        self._due = self._started + (0 if self._is_terminal else LINE_SECONDS)

    def now(self, words: str) -> None:
        """Say it, if it is time for that."""
        if time.monotonic() < self._due:
            return
        passed = time.monotonic() - self._started
        line = f"{passed:>6.0f} s  {words}"
        if self._is_terminal:
            columns = shutil.get_terminal_size().columns
            line = f"\r\x1b[K{line[: columns - 1]}"
        self._out.write(line if self._is_terminal else f"{line}\n")
        self._out.flush()
        self._due = time.monotonic() + self._every

    def end(self) -> None:
        """Leave nothing of it on a terminal."""
        if self._is_terminal:
            self._out.write("\r\x1b[K")
            self._out.flush()
