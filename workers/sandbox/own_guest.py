"""What bubblewrap and the engines share: guests of our own, started for a job and stopped after it.

A guest that is lost under a job says nothing about the job, which runs once more in another one.

A warm guest is kept when its supervisor has ended the job and found nothing of it left, however the job ended. It is
thrown away when that is not so; its successor then begins to load its libraries at once, so that the next student waits
for nothing.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from grader.domain.assignment import Limits
from grader.domain.errors import SandboxLost, SandboxUnavailable

from .base import Job, Outcome, OutOfMemory
from .conversation import LostGuest, NeverStarted, hold
from .frames import Stream

log = logging.getLogger("workers")


class Guest(Protocol):
    """One started guest."""

    @property
    def stream(self) -> Stream:
        """Its channel."""

    def lost_memory(self) -> bool:
        """Whether the kernel has killed something in it for want of memory since this was last asked."""

    def stop(self) -> str:
        """End it and all that is in it; returns what it said on standard error, for an operator."""


@dataclass(frozen=True)
class _Size:
    """What the walls of a guest depend on; a job's clocks and its output are its own and change no guest."""

    memory_mib: int
    processes: int
    disk_mib: int
    preload: bool

    @classmethod
    def of(cls, limits: Limits, *, preload: bool) -> _Size:
        return cls(limits.memory_mib, limits.processes, limits.disk_mib, preload)


class _Lost(Exception):
    """A guest of ours was lost; `for_memory`: the kernel has killed something in it when memory ran out."""

    def __init__(self, detail: str, *, for_memory: bool) -> None:
        super().__init__(detail)
        self.for_memory = for_memory


class OwnGuests(ABC):
    """A sandbox that starts its guests itself."""

    def __init__(self, *, keeps_warm: bool) -> None:
        self._keeps_warm = keeps_warm
        self._warm: Guest | None = None
        self._warm_for: _Size | None = None

    def run(self, job: Job, limits: Limits) -> Outcome:
        """Run one job. Raises `SandboxUnavailable` if no sandbox comes up, `SandboxLost` if two die under it."""
        try:
            return self._run(job, limits)
        except _Lost as error:
            log.warning("%s; once more in another one", error)
        try:
            return self._run(job, limits)
        except _Lost as error:
            if error.for_memory:
                return OutOfMemory()
            raise SandboxLost(f"two guests were lost under a job, the last one: {error}") from error

    def _run(self, job: Job, limits: Limits) -> Outcome:
        preload = bool(job["preload"])
        guest = self._take_warm(_Size.of(limits, preload=preload))
        if guest:
            # A supervisor that gave itself up after its last job is no fault of this one.
            with suppress(SandboxUnavailable):
                return self._hold(guest, job, limits)
        return self._hold(self._start(limits, preload), job, limits)

    def warm(self, limits: Limits) -> None:
        """Begin to load the libraries of the next job's guest, where a guest outlives a job; returns at once."""
        wanted = _Size.of(limits, preload=True)
        if not self._keeps_warm or (self._warm and self._warm_for == wanted):
            return
        self._stop_warm()
        # What is wrong is told to the job that needs it.
        with suppress(SandboxUnavailable):
            self._warm, self._warm_for = self._start(limits, preload=True), wanted

    def probe(self) -> None:
        """Run a line of Python for real. Raises `SandboxUnavailable`."""
        self.run({"source": "pass", "parts": [], "preload": False}, Limits())

    def close(self) -> None:
        """Stop a warm guest, if there is one."""
        self._stop_warm()

    def _stop_warm(self) -> None:
        if self._warm:
            self._warm.stop()
            self._warm = None

    def _arguments(self, *, preload: bool) -> list[str]:
        """What the guest is started with: for one job, or warm for many."""
        if not self._keeps_warm:
            return ["--stdio"]
        return ["--stdio", "--warm", *(["--preload"] if preload else [])]

    @abstractmethod
    def _start(self, limits: Limits, preload: bool) -> Guest:
        """Start a guest and return at once; it loads its libraries meanwhile. Raises `SandboxUnavailable`."""

    @abstractmethod
    def _explain(self, said: str) -> SandboxUnavailable:
        """What an operator should do about a guest that did not start, by its last words."""

    def _hold(self, guest: Guest, job: Job, limits: Limits) -> Outcome:
        keep, never = False, None
        guest.lost_memory()
        try:
            outcome = hold(guest.stream, job, limits)
            keep = self._keeps_warm and outcome.left_nothing
            return outcome
        except LostGuest as error:
            raise _Lost(str(error), for_memory=guest.lost_memory()) from error
        except NeverStarted as error:
            never = error
        finally:
            said = "" if keep else guest.stop()
            if keep:
                self._warm, self._warm_for = guest, _Size.of(limits, preload=bool(job["preload"]))
            elif job["preload"] and never is None:
                self.warm(limits)
        raise self._explain(said or str(never)) from never

    def _take_warm(self, wanted: _Size) -> Guest | None:
        guest, self._warm = self._warm, None
        if guest and self._warm_for != wanted:
            guest.stop()
            return None
        return guest
