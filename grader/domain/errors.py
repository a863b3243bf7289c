"""Everything that can go wrong, sorted by whose fault it is.

GraderError
├── StudentError          the submission has no gradable model: ends in a report, never in a retry
├── AuthorError           an assignment folder is malformed: refused when it is loaded
├── SlowJob               nobody's fault: the job goes on in the slow lane, so that others can pass
└── GraderFault           ours: raised for the queue to retry, costs no attempt
    ├── SandboxLost           two sandboxes died under it
    ├── TrainerFault          the trainer died or stood still
    └── CannotGrade           nothing happened to the job: it waits for a worker that can
        ├── SandboxUnavailable    no sandbox could be started
        ├── DataUnavailable       a data set is missing or damaged
        └── VersionUnavailable    the assignment is there in another version, or not at all
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from grader.domain.message import Message
from grader.domain.submission import Lack


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
        notes: tuple[Message, ...] = (),
    ) -> None:
        super().__init__(reason.value, *(m.code for m in messages))
        self.reason = reason
        self.messages = messages
        self.location = location
        self.stdout = stdout
        self.notes = notes


class AuthorError(GraderError):
    """An assignment folder is malformed; the text names file, line and the nearest known word."""


class SlowJob(GraderError):
    """The quick lane gives a job up; it is graded from its beginning in the slow one, under the full limits."""


class GraderFault(GraderError):
    """Our own failure: never a student's zero."""


class CannotGrade(GraderFault):
    """This worker cannot grade this job now; `lack` is what it has not got."""

    lack: Lack


class SandboxUnavailable(CannotGrade):
    """No sandbox could be started; student code is never run without one."""

    lack = Lack.SANDBOX


class SandboxLost(GraderFault):
    """The sandbox died under a submission, and another one, too: no verdict about it."""


class TrainerFault(GraderFault):
    """The trainer process died, used its CPU-seconds up or stood still; `about_model` where the same network would end it the same again."""

    about_model = False


class DataUnavailable(CannotGrade):
    """A data set is missing, damaged, or not the one that the job names."""

    lack = Lack.DATA


class VersionUnavailable(CannotGrade):
    """The assignment is not here in the version that the job names."""

    lack = Lack.VERSION
