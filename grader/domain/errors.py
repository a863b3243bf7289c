"""Everything that can go wrong, sorted by whose fault it is.

GraderError
├── StudentError          the submission has no gradable model: ends in a report, never in a retry
├── AuthorError           an assignment folder is malformed: refused when it is loaded
├── SlowJob               nobody's fault: the job goes on in the slow lane, so that others can pass
└── GraderFault           ours: raised for the queue to retry, costs no attempt
    ├── SandboxUnavailable    no sandbox could be started
    ├── TrainerFault          the trainer died or outlived its limit
    └── DataUnavailable       a data set is missing or damaged
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from grader.domain.message import Message


class Reason(StrEnum):
    """Why a submission is `invalid`; the words are part of the report format."""

    BAD_UPLOAD = "bad_upload"
    BAD_CODE = "bad_code"
    BAD_RESULT = "bad_result"
    BAD_MODEL = "bad_model"
    TOO_BIG = "too_big"
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    PROCESS_LIMIT = "process_limit"
    OUTPUT_LIMIT = "output_limit"
    DISK_LIMIT = "disk_limit"
    CRASHED = "crashed"


@dataclass(frozen=True)
class Location:
    """What a student must look at: 1-based line and column, and the notebook cell if there is one."""

    line: int | None = None
    column: int | None = None
    cell: int | None = None


class GraderError(Exception):
    """Root of every error that this project raises on purpose."""


class StudentError(GraderError):
    """The submission yields no gradable model; `messages` tell its author why and what to do."""

    def __init__(
        self,
        reason: Reason,
        *messages: Message,
        location: Location | None = None,
        stdout: str = "",
    ) -> None:
        super().__init__(reason.value, *(m.code for m in messages))
        self.reason = reason
        self.messages = messages
        self.location = location
        self.stdout = stdout


class AuthorError(GraderError):
    """An assignment folder is malformed; the text names file, line and the nearest known word."""


class SlowJob(GraderError):
    """The quick lane gives a job up; it is graded from its beginning in the slow one, under the full limits."""


class GraderFault(GraderError):
    """Our own failure: never a student's zero."""


class SandboxUnavailable(GraderFault):
    """No sandbox could be started; student code is never run without one."""


class SandboxLost(GraderFault):
    """The sandbox died under a submission, and another one, too: no verdict about it."""


class TrainerFault(GraderFault):
    """The trainer process died or outlived its limit."""


class DataUnavailable(GraderFault):
    """A data set is missing, damaged, or not the one that the job names."""
