"""What every sandbox promises: a job goes in, one `Outcome` comes out, and nothing of the job is left.

A student's code can make any outcome but no exception: `SandboxUnavailable` and `SandboxLost` alone are raised, and are our fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from grader.domain.assignment import Limits

Job = Mapping[str, Any]

# Of each file system that a job may write to: a million empty files are memory of the kernel's, and long to clean away.
INODES = 16 * 1024


class Mode(StrEnum):
    """Whether each job gets a supervisor of its own, or a warm one forks a child for each."""

    FRESH = "fresh"
    FORKSERVER = "forkserver"


@dataclass(frozen=True, kw_only=True)
class _Ran:
    """What is known of every job that ran: what it printed (cut), seconds used, library versions.

    `left_nothing`: the guest's supervisor has made sure that neither a process nor a file of the job is left in it.
    `ended`: how many statements had ended, by the job's own word; 0 where none had, or all.
    """

    stdout: str = ""
    truncated: bool = False
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    versions: Mapping[str, str] = field(default_factory=dict)
    left_nothing: bool = False
    ended: int = 0


@dataclass(frozen=True, kw_only=True)
class Finished(_Ran):
    """The student's process came to its end; `claim` is what it says, UTF-8 bytes that nobody has checked."""

    claim: bytes


@dataclass(frozen=True, kw_only=True)
class TimedOut(_Ran):
    """Over its CPU time or its wall clock; `clock` is "cpu" or "wall"."""

    clock: str


@dataclass(frozen=True, kw_only=True)
class OutOfMemory(_Ran):
    """The job's processes and files together wanted more memory than they may have."""


@dataclass(frozen=True, kw_only=True)
class TooManyProcesses(_Ran):
    """More processes or threads than allowed."""


@dataclass(frozen=True, kw_only=True)
class TooMuchOutput(_Ran):
    """More printed than allowed; `stdout` has the beginning."""


@dataclass(frozen=True, kw_only=True)
class DiskFull(_Ran):
    """More written to files than allowed."""


@dataclass(frozen=True, kw_only=True)
class ClaimTooBig(_Ran):
    """A description of more bytes than allowed."""


@dataclass(frozen=True, kw_only=True)
class Crashed(_Ran):
    """Killed by a signal (None: the guest said something that is no outcome)."""

    signal: int | None = None
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class EndedEarly(_Ran):
    """The process left by itself, with an exit status, before it had claimed anything."""

    status: int | None = None


Outcome = (
    Finished
    | TimedOut
    | OutOfMemory
    | TooManyProcesses
    | TooMuchOutput
    | DiskFull
    | ClaimTooBig
    | Crashed
    | EndedEarly
)


class Sandbox(Protocol):
    """One way to run student code. Not for two threads at once."""

    @property
    def name(self) -> str:
        """The backend's name, as the report's provenance shows it."""

    @property
    def degraded(self) -> tuple[str, ...]:
        """Limits that this machine cannot enforce for a whole job: "memory", "processes", "cpu"."""

    def run(self, job: Job, limits: Limits) -> Outcome:
        """Run one job: `source`, `parts`, `preload` and perhaps `upto` of a job frame. Raises `SandboxUnavailable`, `SandboxLost`."""

    def warm(self, limits: Limits) -> None:
        """Get ready for a job of these limits beside the job's path; returns at once and raises nothing."""

    def probe(self) -> None:
        """Run something harmless for real; raises `SandboxUnavailable` with what to do about it."""

    def close(self) -> None:
        """Let go of what was started; may be called twice."""
