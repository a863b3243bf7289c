from __future__ import annotations

import base64
import json
import os
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from kombu.exceptions import OperationalError

from grader import queue, wire
from grader.domain.errors import (
    DataUnavailable,
    GraderFault,
    SandboxLost,
    SandboxUnavailable,
    SlowJob,
    TrainerFault,
    VersionUnavailable,
)
from grader.domain.report import NICE_WORK, ModelTable, PartReport, Report, Verdict
from grader.domain.submission import Job, Stage
from grader.settings import load_settings
from workers.celery_app import make_worker
from workers.signs import Signs
from workers.tasks import Bench, grade_job, signs_of_life, tell_canary, tell_differing
from workers.training.death import TrainerDied, judge, stood_still

JOB = Job("01J", 3, "dense", "sha256:x", (), "x = 1\n", secret="of this dispatch")
REPORT = Report("dense", "sha256:x", Verdict.PASSED, 10.0, 10.0, NICE_WORK)


class Scripted:
    """A pipeline that does what a test says."""

    def __init__(self, act: Callable[[], Report]) -> None:
        self._act = act

    def grade(self, job: Job, on_stage: Callable[[Stage], None]) -> Report:
        on_stage(Stage.TRAIN)
        return self._act()

    def differing(self) -> Sequence[str]:
        return ()

    def canary(self) -> tuple[str, str]:
        return "0" * 64, "no library"


def said(folder: Path) -> list[tuple[str, list[Any]]]:
    """What went to the control queue: (task, arguments), in order; each word about a job has its secret."""
    found = []
    for path in sorted((folder / "queue" / "messages").glob("*.control.msg")):
        data = json.loads(path.read_text())
        task, (arguments, named, _) = data["headers"]["task"], json.loads(base64.b64decode(data["body"]))
        assert named == ({} if task == queue.CANARY_SEEN else {"secret": JOB.secret})
        assert JOB.secret not in json.dumps(data["headers"])
        found.append((task, arguments))
    return found


def run(tmp_path: Path, act: Callable[[], Report], heartbeat: float = 60.0) -> list[tuple[str, list[Any]]]:
    bench = a_bench(tmp_path, heartbeat)
    with signs_of_life(bench, JOB):
        grade_job(bench, lambda: Scripted(act), JOB)
    return said(tmp_path)


def a_bench(folder: Path, heartbeat: float = 60.0) -> Bench:
    return Bench(queue.make_celery("", folder), Signs(), folder / "grading", heartbeat)


def test_stages_then_the_report_and_always_with_the_attempt(tmp_path: Path) -> None:
    words = run(tmp_path, lambda: REPORT)
    assert [task for task, _ in words] == [queue.PROGRESS, queue.PROGRESS, queue.RECORD_REPORT]
    assert all(arguments[:2] == ["01J", 3] for _, arguments in words)
    assert [words[0][1][2], words[1][1][2]] == ["extract", "train"]
    assert wire.from_json(Report, words[2][1][2]) == REPORT


def test_a_slow_job_goes_on_in_the_other_lane_and_is_no_fault(tmp_path: Path) -> None:
    def give_up() -> Report:
        raise SlowJob

    words = run(tmp_path, give_up)
    assert words[-1] == (queue.JOB_IS_SLOW, ["01J", 3])


@pytest.mark.parametrize(
    ("error", "lack"),
    [
        (DataUnavailable("no such data"), "data"),
        (VersionUnavailable("another version"), "version"),
        (SandboxUnavailable("no engine"), "sandbox"),
    ],
)
def test_what_a_worker_cannot_is_no_fault_of_the_job(tmp_path: Path, error: Exception, lack: str) -> None:
    def fail() -> Report:
        raise error

    task, arguments = run(tmp_path, fail)[-1]
    assert task == queue.JOB_REFUSED
    worker, told, detail = arguments[2:]
    assert (worker, told) == (queue.worker_name(os.getppid()), lack)
    assert str(error) in detail


@pytest.mark.parametrize(
    "error", [SandboxLost("killed"), TrainerFault("killed"), TrainerDied(stood_still(300))]
)
def test_what_was_tried_twice_here_gets_one_further_try(tmp_path: Path, error: Exception) -> None:
    def fail() -> Report:
        raise error

    said_of_it = f"{type(error).__name__}: {error}"
    assert run(tmp_path, fail)[-1] == (queue.JOB_FAILED, ["01J", 3, said_of_it, 1])


def test_a_network_that_ends_its_trainer_is_tried_once(tmp_path: Path) -> None:
    def fail() -> Report:
        raise TrainerDied(judge(-signal.SIGXCPU))

    task, arguments = run(tmp_path, fail)[-1]
    assert (task, arguments[-1]) == (queue.JOB_FAILED, 0)


@pytest.mark.parametrize("error", [GraderFault("something"), ZeroDivisionError("a bug")])
def test_whatever_goes_wrong_on_our_side_is_told(tmp_path: Path, error: Exception) -> None:
    def fail() -> Report:
        raise error

    task, arguments = run(tmp_path, fail)[-1]
    assert task == queue.JOB_FAILED
    assert arguments[2] == f"{type(error).__name__}: {error}"


def test_a_report_that_cannot_be_written_is_our_fault(tmp_path: Path) -> None:
    def count() -> Report:
        part = PartReport("model", "build_model", ModelTable((), 2**200, 0))
        return Report("dense", "v", Verdict.FAILED, 10.0, 0.0, (), parts=(part,))

    task, arguments = run(tmp_path, count)[-1]
    assert task == queue.JOB_FAILED
    assert "64 bits" in arguments[2]


def test_a_pipeline_that_cannot_be_opened_is_told_as_well(tmp_path: Path) -> None:
    def no_pipeline() -> Scripted:
        raise SandboxUnavailable("no sandbox here")

    grade_job(a_bench(tmp_path), no_pipeline, JOB)
    assert said(tmp_path)[-1][0] == queue.JOB_REFUSED


def test_a_stage_that_cannot_be_told_costs_no_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    send = queue.send

    def away(app: Any, task: str, *words: Any, **more: Any) -> None:
        if task == queue.PROGRESS:
            raise OperationalError("the broker is away")
        send(app, task, *words, **more)

    monkeypatch.setattr(queue, "send", away)
    assert [task for task, _ in run(tmp_path, lambda: REPORT)] == [queue.RECORD_REPORT]


def test_a_long_job_gives_signs_of_life(tmp_path: Path) -> None:
    def until_heard() -> Report:
        pause = threading.Event()
        while not any(task == queue.HEARTBEAT for task, _ in said(tmp_path)):
            pause.wait(0.01)
        return REPORT

    told = [task for task, _ in run(tmp_path, until_heard, 0.02)]
    assert queue.HEARTBEAT in told
    assert told[-1] == queue.RECORD_REPORT


def test_the_pipeline_is_opened_once_and_a_returned_job_is_not_run(tmp_path: Path) -> None:
    opened: list[object] = []

    def open_pipeline(settings: Any) -> Scripted:
        opened.append(settings)
        return Scripted(lambda: REPORT)

    worker = make_worker(load_settings({}, data_dir=tmp_path), open_pipeline)
    task = worker.app.tasks[queue.GRADE]
    for _ in range(2):
        task.apply(args=(wire.to_json(JOB),), delivery_info={"redelivered": False})
    assert len(opened) == 1
    assert [words for task, words in said(tmp_path) if task == queue.CANARY_SEEN] == [
        [queue.worker_name(os.getppid()), "0" * 64, "no library"]
    ], "once, whatever it grades"
    before = len(said(tmp_path))
    task.push_request(delivery_info={"redelivered": True})
    try:
        task.run(wire.to_json(JOB))
    finally:
        task.pop_request()
    assert said(tmp_path)[before:] == [(queue.JOB_RETURNED, ["01J", 3])]


def test_a_canary_that_dies_costs_no_submission(tmp_path: Path) -> None:
    class Dead(Scripted):
        def canary(self) -> tuple[str, str]:
            raise TrainerFault("no memory today")

    tell_canary(queue.make_celery("", tmp_path), Dead(lambda: REPORT))
    assert said(tmp_path) == []


def test_kept_trainings_that_differ_are_told_with_the_job_that_found_them(tmp_path: Path) -> None:
    class Finding(Scripted):
        def differing(self) -> Sequence[str]:
            return ["a" * 64, "b" * 64]

    worker = make_worker(load_settings({}, data_dir=tmp_path), lambda _: Finding(lambda: REPORT))
    worker.app.tasks[queue.GRADE].apply(args=(wire.to_json(JOB),), delivery_info={"redelivered": False})
    told = [words for words in said(tmp_path) if words[0] in (queue.RECORD_REPORT, queue.RUN_DIFFERS)]
    assert told[0][0] == queue.RECORD_REPORT, "nobody waits for this"
    assert told[1:] == [(queue.RUN_DIFFERS, ["01J", 3, "a" * 64]), (queue.RUN_DIFFERS, ["01J", 3, "b" * 64])]


def test_what_cannot_be_told_of_kept_trainings_costs_no_submission(tmp_path: Path) -> None:
    def fail() -> Scripted:
        raise OSError

    tell_differing(queue.make_celery("", tmp_path), fail, JOB)
    assert said(tmp_path) == []


def test_a_job_of_an_older_release_is_left_to_be_sent_again(tmp_path: Path) -> None:
    worker = make_worker(load_settings({}, data_dir=tmp_path), lambda _: Scripted(lambda: REPORT))
    data = {name: value for name, value in wire.to_json(JOB).items() if name != "secret"}
    worker.app.tasks[queue.GRADE].apply(args=(data,), delivery_info={"redelivered": False}, throw=True)
    assert said(tmp_path) == []
