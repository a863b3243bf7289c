"""What the process that grades and its parent show each other: a page of memory that both have, for a fork has it, too.

The parent speaks for the worker, but only the child can tell that it works.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from contextlib import contextmanager

_BEATS, _ECHO, _JOBS = 0, 8, 16


class Signs:
    """Numbers that only grow, but for the jobs in hand: `beats` of a child at work, the last `echo` of a message to itself."""

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, mmap.PAGESIZE)

    @property
    def beats(self) -> int:
        """How often the child has said that it goes on."""
        return self._get(_BEATS)

    def beat(self) -> None:
        """Say that this child goes on."""
        self._set(_BEATS, self.beats + 1)

    @property
    def echo(self) -> int:
        """The number of the last message to itself that came back."""
        return self._get(_ECHO)

    def heard(self, number: int) -> None:
        """A message to itself came back."""
        self._set(_ECHO, max(number, self.echo))

    @property
    def is_busy(self) -> bool:
        """Whether the child has a job."""
        return bool(self._get(_JOBS))

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """A child has a job, until the control plane was told how it ended."""
        self.beat()
        self._set(_JOBS, 1)
        try:
            yield
        finally:
            self._set(_JOBS, 0)

    def nobody_works(self) -> None:
        """A child has just begun: whatever the one before it had in hand is lost."""
        self._set(_JOBS, 0)

    def _get(self, place: int) -> int:
        return int(struct.unpack_from("q", self._page, place)[0])

    def _set(self, place: int, value: int) -> None:
        struct.pack_into("q", self._page, place, value)
