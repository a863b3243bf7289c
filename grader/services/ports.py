"""What the services need from outside, as protocols, and the aggregates that travel through them.

Times are aware datetimes in UTC; ids are 26-letter ULIDs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from grader.domain.assignment import Assignment
from grader.domain.course import CountingRule, Role
from grader.domain.message import message
from grader.domain.report import DatasetStamp, Report, Verdict
from grader.domain.submission import Job, Lack, Lane, Stage, State
from grader.domain.training import PlanName
from grader.messages import Told


class Origin(StrEnum):
    """The door that a submission came through."""

    WEB = "web"
    CLI = "cli"
    API = "api"
    LMS = "lms"


@dataclass(frozen=True)
class Upload:
    """Bytes that somebody handed in, before anybody looked at them; `course` and `student` are ids.

    `is_text`: they were never in a file, but came as text (pasted, or in JSON), and are UTF-8 whatever they declare.
    """

    student: str
    course: str
    assignment: str
    data: bytes
    file_name: str = "submission.py"
    origin: Origin = Origin.WEB
    language: str = "en"
    external: Mapping[str, str] = field(default_factory=dict)
    idempotency_key: str | None = None
    is_text: bool = False

    @property
    def content_sha256(self) -> str:
        """What tells these bytes from all others."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class NewSubmission:
    r"""An upload that was read: `source` is text with `\n` line ends, empty where the bytes were refused."""

    upload: Upload
    assignment_version: str
    source: str
    received_at: datetime


@dataclass(frozen=True)
class Submission:
    """One submission as the truth has it. `attempt` counts dispatches; `dispatched_at` None means not in any queue.

    `erased_at`: its words are gone since, and it cannot be graded again.
    """

    id: str
    student: str
    course: str
    assignment: str
    assignment_version: str
    source: str
    file_name: str
    origin: Origin
    language: str
    external: Mapping[str, str]
    received_at: datetime
    state: State
    stage: Stage | None
    attempt: int
    faults: int
    losses: int
    dispatched_at: datetime | None
    started_at: datetime | None
    lease_until: datetime | None
    done_at: datetime | None
    verdict: Verdict | None
    score: float | None
    max_score: float | None
    lane: Lane = Lane.QUICK
    is_regrade: bool = False
    worker: str | None = None
    waits_for: Lack | None = None
    fault_detail: str = ""
    erased_at: datetime | None = None


@dataclass(frozen=True)
class Sign:
    """What a worker says of itself now and then: its lanes, whether it has a job, its version of each assignment.

    `is_first` is its first word since its start.
    """

    name: str
    queues: str
    busy: bool
    can: Mapping[str, str] | None = None
    is_first: bool = False


@dataclass(frozen=True)
class Step:
    """A worker's word on an attempt: it begins that stage. Workers of an older release do not give their name."""

    submission: str
    attempt: int
    stage: Stage
    worker: str | None = None


@dataclass(frozen=True)
class Refusal:
    """A worker's word on an attempt: it cannot, for want of `lack`."""

    submission: str
    attempt: int
    worker: str
    lack: Lack
    detail: str


class WhyRefused(StrEnum):
    """Why a worker's word about a job is not believed.

    `unsigned`: it has no secret of its dispatch; `forged`: another one; `garbled`: nobody can read it; `misfit`: a report of another
    submission or rubric; `misplaced`: an order of the control plane in a queue that workers write to.
    """

    UNSIGNED = "unsigned"
    FORGED = "forged"
    GARBLED = "garbled"
    MISFIT = "misfit"
    MISPLACED = "misplaced"


@dataclass(frozen=True)
class Route:
    """Where an attempt may go: to one `worker`, or with None into the lane; nowhere yet where it is not `is_open`.

    Then all who could are busy, or nobody can, for want of `lack`.
    """

    worker: str | None = None
    is_open: bool = True
    lack: Lack | None = None


@dataclass(frozen=True)
class User:
    """Somebody who may sign in; `has_password` is False for people who only follow one-time links.

    `language` is what they chose; empty where they chose none, and the browser's counts.
    """

    id: str
    email: str
    display_name: str
    is_admin: bool
    language: str
    has_password: bool = False


@dataclass(frozen=True)
class Course:
    """One course."""

    id: str
    slug: str
    title: str
    join_code: str
    rule: CountingRule


@dataclass(frozen=True)
class PinnedData:
    """Which data an assignment of a course is graded with, since its first training."""

    assignment: str
    stamp: DatasetStamp
    since: datetime


class TooManyWaiting(Told):
    """Somebody has as many submissions in line as one person may have: `most`. Nothing was saved."""

    def __init__(self, most: int) -> None:
        super().__init__(message("too_many_waiting", most=most))
        self.most = most


class KeyInUse(Exception):
    """An idempotency key that stands for another submission: `field` is `course`, `assignment` or `content`. Nothing was saved."""

    def __init__(self, field: str) -> None:
        super().__init__(f"the key was used for another {field}")
        self.field = field


class OtherData(Exception):
    """A report rests on other data than the course's earlier ones; the text says on which."""


@dataclass(frozen=True)
class Membership:
    """One person's role in one course."""

    course: Course
    role: Role


@dataclass(frozen=True)
class Patience:
    """Every waiting time of the queue, in seconds, and how much of our trouble a job may cost; tests shorten them.

    After `losses_in_company` deaths of its workers a job runs alone; another one ends it, unless a neighbour died within
    `others_died`, and `most_losses` end it in any case. A worker that gave a job back is `lacking` what it needs so long.
    Whoever has used `hourly_budget` of the slow lane's running time in a course within an hour comes after the others; 0 for any time.
    """

    lease: float = 20.0
    heartbeat: float = 5.0
    undispatched: float = 5.0
    fault_delays: tuple[float, ...] = (2.0, 10.0, 30.0)
    losses_in_company: int = 2
    most_losses: int = 20
    others_died: float = 60.0
    lacking: float = 15.0
    idle: float = 30.0
    overtaken: float = 10.0
    same_moment: float = 5.0
    longest_run: float = 21_600.0
    hourly_budget: float = 900.0
    sweep: float = 2.0
    stopped: float = 60.0


class QueueAway(Exception):
    """The queue does not take a job now; it stays in the table, and the sweep sends it later."""


class Store(Protocol):
    """The truth about submissions. Every change that a message causes is a compare-and-set on (id, attempt)."""

    def add(self, new: NewSubmission, report: Report | None) -> Submission:
        """Save an upload, final at once where `report` is given; the same idempotency key, from the same door, gives the first row.

        KeyInUse where that is another course, assignment or content; TooManyWaiting where too many are in line.
        """

    def get(self, submission: str) -> Submission | None:
        """One submission."""

    def newest_key(self, student: str, course: str, assignment: str) -> tuple[str, str] | None:
        """Id and idempotency key (empty for none) of what a student handed in last; None where there is nothing."""

    def latest_report(self, submission: str) -> Report | None:
        """The report that counts: of the newest attempt, unless that was our fault and an older one was not."""

    def begin_dispatch(
        self, submission: str, attempt: int, worker: str | None, now: datetime
    ) -> Submission | None:
        """Raise the attempt from `attempt` by one and mark it as in the queue; None where somebody else did."""

    def postpone(self, submission: str, attempt: int, not_before: datetime, lack: Lack | None) -> bool:
        """Nobody can take the next attempt now: it waits in the table, and it is known for what."""

    def undo_dispatch(self, submission: str, attempt: int, not_before: datetime) -> bool:
        """Take an attempt out of the queue: the sweep dispatches again, not before that moment."""

    def note_stage(self, step: Step, now: datetime, lease_until: datetime) -> bool:
        """A worker says what it does: `running`, with a lease."""

    def extend_lease(self, submission: str, attempt: int, lease_until: datetime) -> bool:
        """A worker says that it lives."""

    def note_fault(self, submission: str, attempt: int, not_before: datetime, detail: str) -> int | None:
        """Our fault ended an attempt: back to the queue later; how many faults now, None where it is not current."""

    def note_refusal(self, submission: str, attempt: int, now: datetime, lack: Lack, detail: str) -> bool:
        """A worker gave an attempt back because it cannot: out of the queue, and no try is spent."""

    def note_slow(self, submission: str, attempt: int, now: datetime) -> bool:
        """A worker of the quick lane gave a job up as slow: out of the queue, into the other lane."""

    def note_loss(
        self, submission: str, attempt: int, now: datetime, *, spent: bool = True, detail: str = ""
    ) -> bool:
        """A worker is gone from an attempt: back to the queue; `spent` where it died over it, as `detail` tells."""

    def save_report(
        self, submission: str, attempt: int, report: Report, now: datetime, *, has_run: bool = False
    ) -> bool:
        """Save a report once; False where the attempt is not the current one or the submission is final.

        `has_run`: it comes from a worker, and is its start where no other word of that came.

        The first training in an assignment of a course fixes the data; OtherData where a later one used other.
        """

    def max_score(self, assignment: str, version: str) -> float | None:
        """What a version of an assignment was worth when it was first seen; None where nobody saw it."""

    def points(self, assignment: str, version: str) -> Mapping[str, float] | None:
        """The points of each check of a version when it was first seen, by `part/id`; None where nobody saw it."""

    def count_refused_word(self, why: WhyRefused) -> None:
        """A word about a job was not believed."""

    def count_differing_run(self) -> None:
        """A kept training came out otherwise when it was made again."""

    def pinned_data(self, course: str, assignment: str) -> Sequence[tuple[str, str]]:
        """Name and sha256 of the data sets that this course has fixed for an assignment."""

    def plan(self, course: str, assignment: str) -> PlanName:
        """By which plan this course trains an assignment."""

    def reopen(self, submission: str, by: str, reason: str, version: str, now: datetime) -> bool:
        """Make a final submission gradable again, by that version of its assignment, or one that waits for another.

        False where it is being graded, or what was handed in is erased.
        """


class Backlog(Protocol):
    """What waits, and what got lost between database, queue and workers."""

    def waiting(self, now: datetime, undispatched_before: datetime) -> Sequence[Submission]:
        """Queued submissions that are in no queue and due; those that are graded again wait for room."""

    def expired(self, now: datetime) -> Sequence[Submission]:
        """Running submissions whose lease ran out."""

    def overtaken(self, started_before: datetime, margin: float) -> Sequence[Submission]:
        """Queued ones although a job dispatched more than `margin` seconds later started before that moment."""

    def unfetched(self, now: datetime, patience: Patience) -> Sequence[Submission]:
        """Queued ones although a living worker has been idle for longer than patience allows."""

    def stranded(self, now: datetime, patience: Patience) -> Sequence[Submission]:
        """Queued ones that were offered to a worker by name which is gone."""

    def unfinished(self, worker: str | None = None) -> Sequence[Submission]:
        """Every submission that is in a queue or running; only those of one worker where it is named."""


class Lanes(Protocol):
    """How much room there is in the lanes."""

    def admissible(self, now: datetime, patience: Patience) -> Sequence[Submission]:
        """Submissions that wait in the table for room in their lane, and have it: slow ones, then those to be graded again."""


class Workers(Protocol):
    """Who grades, and to whom a job may go."""

    def seen(self, sign: Sign, now: datetime) -> None:
        """A worker says that it lives."""

    def left(self, name: str, now: datetime) -> None:
        """A worker ends as planned."""

    def died(self, name: str, now: datetime) -> None:
        """A worker, or the process of it that grades, ended over a job."""

    def is_deaf(self, name: str, now: datetime) -> None:
        """A worker takes nothing any more."""

    def refused(self, name: str, assignment: str, lack: Lack, until: datetime) -> None:
        """A worker gave a job back because it cannot; it gets no such job before that moment."""

    def has_left(self, name: str) -> bool:
        """Whether a worker has ended as planned."""

    def others_died(self, name: str | None, since: datetime, patience: Patience, now: datetime) -> bool:
        """Whether another worker died since that moment, or fell silent."""

    def route(self, submission: Submission, now: datetime, patience: Patience) -> Route:
        """Where the next attempt of a submission may go."""

    def going_deaf(self, now: datetime, patience: Patience) -> Sequence[str]:
        """Workers that say they are idle while a job has long waited in their lane."""


class JobQueue(Protocol):
    """Where jobs wait for a worker."""

    def send(self, job: Job, worker: str | None = None, *, alone: bool = False) -> None:
        """Put one job in line, in its lane or for one worker; `alone` while nothing else runs beside it."""


class AssignmentShelf(Protocol):
    """What services need of the catalogue."""

    @property
    def assignments(self) -> Mapping[str, Assignment]:
        """Every assignment by slug."""

    def max_score(self, slug: str) -> float:
        """The points that an assignment can give; KeyError for an unknown one."""

    def points(self, slug: str) -> Mapping[str, float]:
        """The points of each of its checks, by `part/id`; KeyError for an unknown one."""
