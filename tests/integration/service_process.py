"""One process of a service under test: `service_process.py control|grading`.

Everything is real (Celery, broker, database, stores, services) but the pipeline: it reads from the first line of a
submission what to do, so that a test can time a kill. What it runs is written to `runs.txt` in the data folder.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from celery.signals import worker_ready

from grader.domain.assignment import Assignment, EntryPoint, Part
from grader.domain.errors import GraderFault, VersionUnavailable
from grader.domain.report import NICE_WORK, CheckResult, Outcome, Report, Verdict
from grader.domain.submission import Job, Stage
from grader.queue import LANES
from grader.services.ports import Patience
from grader.settings import Settings
from grader.watchdog import WatchLimits

ASSIGNMENT = Assignment(
    slug="slow",
    title="Slow",
    version="sha256:slow",
    statement="",
    starter="",
    parts=(Part("model", EntryPoint("build_model"), (4,)),),
)
VERSION = os.environ.get("GRADER_TEST_VERSION", ASSIGNMENT.version)
"""What this worker has of it."""

PATIENCE = Patience(
    lease=2.0,
    heartbeat=0.4,
    undispatched=0.5,
    fault_delays=(0.2, 0.2, 0.2),
    idle=3.0,
    overtaken=1.0,
    same_moment=0.5,
    sweep=0.25,
    others_died=3.0,
    lacking=1.0,
    stopped=2.0,
)

LONGER_THAN_ANY_TEST = 600.0

LIMITS = WatchLimits(between=2, lost=10, silent=20)
"""Of a worker that looks at itself at each heartbeat."""


@dataclass(frozen=True)
class Shelf:
    """The one assignment of these tests."""

    assignments: Mapping[str, Assignment] = field(default_factory=lambda: {"slow": ASSIGNMENT})

    def max_score(self, slug: str) -> float:
        """Ten points for everything known."""
        del slug
        return 10.0

    def points(self, slug: str) -> Mapping[str, float]:
        """All for one check."""
        return {"model/all": self.max_score(slug)}


ALL = CheckResult("all", "model", "all of it", Outcome.PASSED, 10.0, 10.0)


def a_pass(assignment: str, version: str) -> Report:
    """A report that `Shelf`'s one check allows."""
    return Report(assignment, version, Verdict.PASSED, 10.0, 10.0, NICE_WORK, checks=(ALL,))


@dataclass(frozen=True)
class ScriptedPipeline:
    """Does what the first line says: `sleep S`, `fault N` (on the first N attempts), `kill` (its own process) or `hold`.

    `hold` is a first attempt that lasts until something ends it; however late the other parts are ready, it still runs.
    """

    settings: Settings

    def grade(self, job: Job, on_stage: Callable[[Stage], None]) -> Report:
        """A passed report, unless told otherwise."""
        with (self.settings.data_dir / os.environ.get("GRADER_TEST_RUNS", "runs.txt")).open(
            "a", encoding="utf-8"
        ) as runs:
            runs.write(f"{job.submission} {job.attempt}\n")
        if job.assignment_version != VERSION:
            detail = f"here is {VERSION}"
            raise VersionUnavailable(detail)
        verb, _, number = job.source.splitlines()[0].lstrip("# ").partition(" ")
        if verb == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if verb == "fault" and job.attempt <= int(number):
            detail = "not today"
            raise GraderFault(detail)
        on_stage(Stage.TRAIN)
        if verb == "sleep":
            time.sleep(float(number))
        if verb == "hold" and job.attempt == 1:
            time.sleep(LONGER_THAN_ANY_TEST)
        return a_pass(job.assignment, job.assignment_version)

    def differing(self) -> Sequence[str]:
        """Nothing was kept."""
        return ()

    def canary(self) -> tuple[str, str]:
        """The same on every worker."""
        return "0" * 64, "no library"


def _be_deaf(sender: Any, **_event: object) -> None:
    """What Celery's consumer is after some outages of a broker: it takes no more messages, and all else goes on."""
    sender.task_consumer.cancel()


def main(part: str) -> None:
    """Run one part until a signal ends it."""
    if "GRADER_TEST_DEAF" in os.environ:
        worker_ready.connect(_be_deaf)
    if part == "control":
        from grader.settings import load_settings
        from grader.tasks import run_control_worker
        from grader.wiring import Wiring

        run_control_worker(
            Wiring(load_settings(), Shelf(), PATIENCE), limits=LIMITS, look_seconds=PATIENCE.heartbeat
        )
    else:
        from workers.celery_app import make_worker, run_worker, worker_settings

        worker = make_worker(worker_settings(os.environ), ScriptedPipeline, PATIENCE.heartbeat)
        queues = os.environ.get("GRADER_TEST_QUEUES", ",".join(LANES))
        run_worker(worker, tuple(queues.split(",")), can={"slow": VERSION}, limits=LIMITS)


if __name__ == "__main__":
    main(sys.argv[1])
