"""How the trainer died, and whether that is about the model or ours. Either way it is no student's zero.

Size is refused before any weight exists, so a model that was let in and still ends the trainer was let in wrongly: the
verdict is `grader_error`, and staff read here whether to mend a bound (about the model: the same again would end the
same) or to look at the machine (ours: another try may well work).

| status            | what it said               | cause   | about    |
|-------------------|----------------------------|---------|----------|
| SIGXCPU: no CPU-seconds are left |          | time    | model    |
| 1, SIGABRT        | that memory ran out        | memory  | model    |
| SIGSEGV, -ILL, -FPE, SIGABRT | anything else   | crashed | model    |
| 1 and above       | anything else              | failed  | us       |
| SIGKILL, SIGTERM, SIGINT, SIGHUP |             | killed  | us       |
| SIGBUS, other     |                            | crashed | us       |
| no status, or 0 without an answer |            | gone    | us       |
| none: it stood still |                         | standstill | us    |

No clock on the wall is about a model: a machine that is stopped, or has too much to do, makes every training long.
"""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass
from enum import StrEnum

from grader.domain.errors import TrainerFault

LONGEST_WORDS = 2000
_NO_MEMORY = re.compile(
    r"MemoryError|ResourceExhausted|RESOURCE_EXHAUSTED|bad_alloc|[Oo]ut of memory|\bOOM\b|Cannot allocate memory"
    r"|pthread_create.*failed|Thread .* creation via pthread_create\(\) failed|can't start new thread"
)


class Cause(StrEnum):
    """What ended the trainer."""

    MEMORY = "memory"
    TIME = "time"
    CRASHED = "crashed"
    FAILED = "failed"
    KILLED = "killed"
    GONE = "gone"
    STANDSTILL = "standstill"


@dataclass(frozen=True)
class Death:
    """Why the trainer ended, whether the model is why, and the sentence for staff."""

    cause: Cause
    about_model: bool
    detail: str

    def __str__(self) -> str:
        """For logs and staff."""
        whose = "about the model, which its budget let in" if self.about_model else "ours"
        return f"{self.detail} ({self.cause}; {whose})"

    @property
    def is_chance(self) -> bool:
        """Whether the same again in a fresh process may well end otherwise: something outside ended this one."""
        return not self.about_model and self.cause is not Cause.FAILED


class TrainerDied(TrainerFault):
    """The trainer ended under a job."""

    def __init__(self, death: Death) -> None:
        super().__init__(str(death))
        self.death = death
        self.about_model = death.about_model


_STOPPED = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_IN_A_KERNEL = (signal.SIGSEGV, signal.SIGILL, signal.SIGFPE, signal.SIGABRT)


def stood_still(seconds: float) -> Death:
    """The trainer lives, and for so many seconds on the wall clock it neither answered nor computed."""
    detail = f"the trainer stood still for {seconds:g} s"
    return Death(Cause.STANDSTILL, about_model=False, detail=detail)


def judge(status: int | None, said: str = "") -> Death:
    """How a process ended that left this status (negative: a signal) and these last words."""
    words = said[-LONGEST_WORDS:].strip()
    detail = f"the trainer ended with {_named(status)}{': ' if words else ''}{words}"
    return Death(*_cause(status, said), detail)


def _cause(status: int | None, said: str) -> tuple[Cause, bool]:
    if not status:
        return Cause.GONE, False
    if status in (1, -signal.SIGABRT) and _NO_MEMORY.search(said):
        return Cause.MEMORY, True
    if status > 0:
        return Cause.FAILED, False
    if -status == signal.SIGXCPU:
        return Cause.TIME, True
    if -status in _STOPPED:
        return Cause.KILLED, False
    return Cause.CRASHED, -status in _IN_A_KERNEL


def _named(status: int | None) -> str:
    if status is None:
        return "no status"
    try:
        return signal.Signals(-status).name if status < 0 else str(status)
    except ValueError:
        return str(status)
