"""How far a job has come, as one number in memory that its process shares with the supervisor.

It is a stranger's word: all that it decides is how many statements of the same source are run once more, by themselves.
"""

from __future__ import annotations

import mmap

_BYTES = 8
MOST = 1_000_000


class Progress:
    """Made before the fork; the job writes, the supervisor reads once the job has ended."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, _BYTES)

    def tell(self, ended: int) -> None:
        """So many statements have ended; 0: none, or all."""
        self._shared[:] = ended.to_bytes(_BYTES, "little")

    def ended(self) -> int:
        """How many statements had ended, at most a million."""
        return min(int.from_bytes(self._shared[:], "little"), MOST)

    def close(self) -> None:
        """Give the memory back."""
        self._shared.close()
