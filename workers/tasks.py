"""The task `grade`: one job in, one report out, with stages and signs of life on the way."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Protocol

from celery import Celery, Task

from grader import queue, wire
from grader.domain.errors import GraderFault, SlowJob
from grader.domain.report import Report
from grader.domain.submission import Job, Stage
from grader.settings import Settings

log = logging.getLogger(__name__)

LONGEST_DETAIL = 2000


class Pipeline(Protocol):
    """What turns a job into a report."""

    def grade(self, job: Job, on_stage: Callable[[Stage], None]) -> Report:
        """The report of one job; GraderFault is ours and is tried again, SlowJob goes on in the other lane."""

    def canary(self) -> tuple[str, str]:
        """The hash of what a small training gives here that is the same for all workers, and what it was made with."""


OpenPipeline = Callable[[Settings], Pipeline]


def add_grade_task(app: Celery, open_pipeline: Callable[[], Pipeline], heartbeat_seconds: float) -> None:
    """Give `app` the task; the pipeline is opened at the first job and kept.

    After its first job a worker trains its canary: then no job waits for it, and the trainer has imported its libraries.
    """
    pipeline = cache(open_pipeline)
    tell_once = cache(lambda: tell_canary(app, pipeline()))

    @app.task(name=queue.GRADE, bind=True, shared=False)
    def grade(self: Task, data: Mapping[str, Any]) -> None:
        job = wire.from_json(Job, data)
        if self.request.delivery_info.get("redelivered"):
            queue.send(app, queue.JOB_RETURNED, queue.CONTROL, job.submission, job.attempt)
            return
        grade_job(app, pipeline, job, heartbeat_seconds)
        tell_once()


def grade_job(app: Celery, pipeline: Callable[[], Pipeline], job: Job, heartbeat_seconds: float) -> None:
    """Grade and tell the control plane; whatever goes wrong on our side is told as well, for another attempt."""

    def tell(task: str, *words: Any, patient: bool = False) -> None:
        queue.send(app, task, queue.CONTROL, job.submission, job.attempt, *words, patient=patient)

    tell(queue.PROGRESS, Stage.EXTRACT.value)
    try:
        with _signs_of_life(lambda: tell(queue.HEARTBEAT), heartbeat_seconds):
            report = pipeline().grade(job, lambda stage: tell(queue.PROGRESS, stage.value))
        data = wire.to_json(report)
    except SlowJob:
        tell(queue.JOB_IS_SLOW, patient=True)
    except Exception as error:
        kind = "fault" if isinstance(error, GraderFault) else "bug"
        log.exception("%s while grading %s attempt %d", kind, job.submission, job.attempt)
        tell(queue.JOB_FAILED, f"{type(error).__name__}: {error}"[:LONGEST_DETAIL], patient=True)
    else:
        tell(queue.RECORD_REPORT, data, patient=True)


def tell_canary(app: Celery, pipeline: Pipeline) -> None:
    """Tell what this worker's canary gave; a failure is logged, for no submission depends on it."""
    try:
        digest, about = pipeline.canary()
        # The child that trains and the parent that says that it lives are one worker.
        queue.send(app, queue.CANARY_SEEN, queue.CONTROL, worker_name(os.getppid()), digest, about)
    except Exception:
        log.exception("no canary told")


def worker_name(pid: int) -> str:
    """What the control plane calls the worker whose main process this is."""
    return f"{socket.gethostname()}-{pid}"


@contextmanager
def _signs_of_life(say: Callable[[], None], every: float) -> Iterator[None]:
    over = threading.Event()
    thread = threading.Thread(target=_say_until, args=(over, say, every), name="heartbeat", daemon=True)
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
        except Exception:
            log.exception("no heartbeat sent")
