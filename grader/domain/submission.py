"""A submission and the states it may go through; the job that a worker gets for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from grader.domain.training import PlanName


class State(StrEnum):
    """`queued` and `running` change places as attempts are dispatched; `done` changes only by a regrade."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


class Lane(StrEnum):
    """Where a job waits. All begin in the quick one; what turns out slow goes on in the other, and holds up nobody."""

    QUICK = "grading"
    SLOW = "slow"


class Stage(StrEnum):
    """What a running submission is busy with, in this order."""

    EXTRACT = "extract"
    CHECK = "check"
    TRAIN = "train"
    SCORE = "score"


class Lack(StrEnum):
    """What a worker has not got: no fault of a job, which waits for a worker that has it."""

    VERSION = "version"
    DATA = "data"
    SANDBOX = "sandbox"


@dataclass(frozen=True)
class Job:
    """What travels to a worker: no name, no address, no secret of anybody but its own, which makes its words believed."""

    submission: str
    attempt: int
    assignment: str
    assignment_version: str
    datasets: tuple[tuple[str, str], ...]
    source: str
    language: str = "en"
    plan: PlanName = PlanName.CLASS
    lane: Lane = Lane.QUICK
    secret: str = ""
