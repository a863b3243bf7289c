"""The task `grade`: one job in, one report out, with stages and signs of life on the way; and `echo`, a message to itself."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from celery import Celery, Task
from kombu.exceptions import OperationalError

from grader import queue, wire
from grader.domain.errors import CannotGrade, GraderFault, SandboxLost, SlowJob, TrainerFault
from grader.domain.report import Report
from grader.domain.submission import Job, Stage
from grader.settings import Settings
from workers.alone import in_company
from workers.begun import Begun
from workers.signs import Signs

log = logging.getLogger(__name__)

LONGEST_DETAIL = 2000


class Pipeline(Protocol):
    """What turns a job into a report."""

    def grade(self, job: Job, on_stage: Callable[[Stage], None]) -> Report:
        """The report of one job; GraderFault is ours and is tried again, SlowJob goes on in the other lane."""

    def differing(self) -> Sequence[str]:
        """The keys of kept trainings that came out otherwise when the last job made them again."""

    def canary(self) -> tuple[str, str]:
        """The hash of what a small training gives here that is the same for all workers, and what it was made with."""


OpenPipeline = Callable[[Settings], Pipeline]


@dataclass(frozen=True)
class Bench:
    """Where a worker process works: its app, its signs to its parent, the folder that this machine's workers share.

    `may_begin` knows which attempts have begun (see `begun`).
    """

    app: Celery
    signs: Signs
    folder: Path
    heartbeat_seconds: float
    may_begin: Begun = lambda _job: True


def add_grade_task(bench: Bench, open_pipeline: Callable[[], Pipeline]) -> None:
    """Give the app its tasks; the pipeline is opened at the first job and kept.

    After its first job a worker trains its canary: then no job waits for it, and the trainer has imported its libraries.
    """
    app = bench.app
    pipeline = cache(open_pipeline)
    tell_once = cache(lambda: tell_canary(app, pipeline()))

    @app.task(name=queue.GRADE, bind=True, shared=False)
    def grade(self: Task, data: Mapping[str, Any], alone: bool = False) -> None:
        job = wire.from_json(Job, data, complete=False)
        if not job.secret:
            # Sent by an older release: no word about it would be believed, and the control plane sends it again.
            log.warning("%s attempt %d is left, it has no secret", job.submission, job.attempt)
            return
        if self.request.delivery_info.get("redelivered"):
            say(app, queue.JOB_RETURNED, job)
            return
        if not bench.may_begin(job):
            log.info("attempt %d of %s came again", job.attempt, job.submission)
            return
        with bench.signs.at_work(), signs_of_life(bench, job):
            grade_job(bench, pipeline, job, alone=alone)
        tell_differing(app, pipeline, job)
        tell_once()

    @app.task(name=queue.ECHO, shared=False)
    def echo(number: int) -> None:
        bench.signs.heard(number)


def say(app: Celery, task: str, job: Job, *words: Any, patient: bool = False) -> None:
    """One word about a job to the control plane, with the secret of its dispatch."""
    about = (job.submission, job.attempt, *words)
    queue.send(app, task, queue.CONTROL, *about, patient=patient, secret=job.secret)


def grade_job(bench: Bench, pipeline: Callable[[], Pipeline], job: Job, *, alone: bool = False) -> None:
    """Grade and tell the control plane; whatever goes wrong on our side is told as well, for another attempt."""
    worker = queue.worker_name(os.getppid())

    def tell(task: str, *words: Any) -> None:
        say(bench.app, task, job, *words, patient=True)

    def begin(stage: Stage) -> None:
        bench.signs.beat()
        try:
            say(bench.app, queue.PROGRESS, job, stage.value, worker)
        except (OperationalError, OSError) as error:
            # The job goes on; a broker that is away must not cost it a try.
            log.warning("stage %s not told: %s", stage.value, error)

    begin(Stage.EXTRACT)
    try:
        with in_company(bench.folder, alone=alone):
            report = pipeline().grade(job, begin)
        data = wire.to_json(report)
    except SlowJob:
        tell(queue.JOB_IS_SLOW)
    except CannotGrade as error:
        log.warning("cannot grade %s attempt %d: %s", job.submission, job.attempt, error)
        tell(queue.JOB_REFUSED, worker, error.lack.value, _detail(error))
    except Exception as error:
        kind = "fault" if isinstance(error, GraderFault) else "bug"
        log.exception("%s while grading %s attempt %d", kind, job.submission, job.attempt)
        tell(queue.JOB_FAILED, _detail(error), *_further_tries(error))
    else:
        tell(queue.RECORD_REPORT, data)


def _further_tries(error: Exception) -> list[int]:
    """How many at most, where it is not for the control plane to say.

    None for a network that was let in and ended its trainer. One for what was tried twice here, on another worker where
    there is one.
    """
    if isinstance(error, TrainerFault) and error.about_model:
        return [0]
    return [1] if isinstance(error, (SandboxLost, TrainerFault)) else []


def _detail(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:LONGEST_DETAIL]


def tell_differing(app: Celery, pipeline: Callable[[], Pipeline], job: Job) -> None:
    """Tell which kept trainings were not what they said; the job has its report, so a failure is logged."""
    try:
        for key in pipeline().differing():
            say(app, queue.RUN_DIFFERS, job, key)
    except Exception:
        log.exception("a kept training that came out otherwise is not told")


def tell_canary(app: Celery, pipeline: Pipeline) -> None:
    """Tell what this worker's canary gave; a failure is logged, for no submission depends on it."""
    try:
        digest, about = pipeline.canary()
        # The child that trains and the parent that says that it lives are one worker.
        queue.send(app, queue.CANARY_SEEN, queue.CONTROL, queue.worker_name(os.getppid()), digest, about)
    except Exception:
        log.exception("no canary told")


@contextmanager
def signs_of_life(bench: Bench, job: Job) -> Iterator[None]:
    """Tell control plane and parent now and then that this job goes on, until its end was told, too."""

    def live() -> None:
        bench.signs.beat()
        say(bench.app, queue.HEARTBEAT, job)

    over = threading.Event()
    every = bench.heartbeat_seconds
    thread = threading.Thread(target=_say_until, args=(over, live, every), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=every)


def _say_until(over: threading.Event, say: Callable[[], None], every: float) -> None:
    while not over.wait(every):
        try:
            say()
        except (OperationalError, OSError) as error:
            log.warning("no heartbeat sent: %s", error)
        except Exception:
            log.exception("no heartbeat sent")
