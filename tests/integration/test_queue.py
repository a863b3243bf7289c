"""Nothing lost, nothing doubled: real workers on both pairs of database and broker, killed at the worst moment."""

from __future__ import annotations

import json
import os
import runpy
import signal
from pathlib import Path
from typing import Any

import pytest

from grader import queue, wire
from grader.db.columns import new_id
from grader.domain.report import Verdict
from grader.domain.submission import Stage, State
from grader.services.dispatch import job_of

pytestmark = pytest.mark.services

Service = Any
PART = runpy.run_path(str(Path(__file__).with_name("service_process.py")))


def test_submissions_are_graded_once_each(service: Service) -> None:
    service.start("control")
    service.start("grading")
    submissions = [service.submit("# sleep 0.05") for _ in range(5)]
    for submission in submissions:
        done = service.await_state(submission, State.DONE)
        assert (done.verdict, done.score, done.attempt) == (Verdict.PASSED, 10.0, 1)
    assert service.runs() == [(submission, 1) for submission in submissions]


def test_a_killed_worker_loses_and_doubles_nothing(service: Service) -> None:
    service.start("control")
    service.start("grading")
    first, second = service.submit("# hold"), service.submit("# sleep 0")
    running = service.await_state(first, State.RUNNING)
    assert running.attempt == 1
    service.kill("grading")
    service.start("grading")
    assert service.await_state(first, State.DONE).verdict is Verdict.PASSED
    assert service.await_state(second, State.DONE).verdict is Verdict.PASSED
    assert len(service.parts.queries.reports(first)) == 1
    assert len(service.parts.queries.reports(second)) == 1
    assert service.runs().count((first, 1)) == 1
    assert service.get(first).losses == 1


def test_after_everything_was_killed_a_restart_finishes_what_is_not_final(service: Service) -> None:
    service.start("control")
    service.start("grading")
    done = service.submit("# sleep 0")
    service.await_state(done, State.DONE)
    submissions = [service.submit(f"# {verb}") for verb in ("hold", "sleep 0", "sleep 0")]
    service.await_state(submissions[0], State.RUNNING)
    service.kill("grading")
    service.kill("control")
    if not service.settings.broker_url:
        service.recover()
    service.start("control")
    service.start("grading")
    for submission in submissions:
        service.await_state(submission, State.DONE)
        assert len(service.parts.queries.reports(submission)) == 1
    assert service.get(done).attempt == 1


def test_a_long_queue_is_not_dispatched_twice(service: Service) -> None:
    """Twelve jobs take longer than every patience of these tests: lease 2 s, idle 3 s, overtaken 1 s."""
    service.start("control")
    service.start("grading")
    submissions = [service.submit("# sleep 0.5") for _ in range(12)]
    for submission in submissions:
        assert service.await_state(submission, State.DONE).attempt == 1
    assert len(service.runs()) == len(submissions)


def test_a_long_job_keeps_its_lease(service: Service) -> None:
    service.start("control")
    service.start("grading")
    submission = service.submit("# sleep 5")
    assert service.await_state(submission, State.RUNNING).stage in (Stage.EXTRACT, Stage.TRAIN)
    assert service.await_state(submission, State.DONE).attempt == 1


def test_our_fault_is_tried_again(service: Service) -> None:
    service.start("control")
    service.start("grading")
    submission = service.submit("# fault 2")
    done = service.await_state(submission, State.DONE)
    assert (done.verdict, done.attempt, done.faults) == (Verdict.PASSED, 3, 2)


def test_our_lasting_fault_ends_in_a_report_without_a_score(service: Service) -> None:
    service.start("control")
    service.start("grading")
    submission = service.submit("# fault 99")
    done = service.await_state(submission, State.DONE)
    assert (done.verdict, done.score, done.max_score, done.attempt) == (Verdict.GRADER_ERROR, None, 10.0, 4)


def test_a_job_that_kills_its_workers_is_given_up(service: Service) -> None:
    service.start("control")
    service.start("grading")
    poison, harmless = service.submit("# kill"), service.submit("# sleep 0")
    assert service.await_state(harmless, State.DONE, 60).verdict is Verdict.PASSED
    assert service.await_state(poison, State.DONE, 60).verdict is Verdict.GRADER_ERROR
    assert [attempt for one, attempt in service.runs() if one == poison] == [1, 2, 3]


def test_a_job_that_comes_many_times_is_graded_once(service: Service) -> None:
    submissions = [service.submit("# sleep 0.5") for _ in range(4)]
    for submission in submissions * 20:
        service.parts.dispatcher.queue.send(job_of(service.get(submission)))
    service.start("control")
    service.start("grading")
    for submission in submissions:
        done = service.await_state(submission, State.DONE)
        assert (done.verdict, done.attempt) == (Verdict.PASSED, 1)
    assert sorted(service.runs()) == sorted((submission, 1) for submission in submissions)


def test_a_message_that_got_lost_is_sent_again(service: Service) -> None:
    submission = service.submit("# sleep 0")
    assert queue.purge(service.parts.celery, queue.GRADING) == 1
    service.start("control")
    service.start("grading")
    done = service.await_state(submission, State.DONE)
    assert (done.verdict, done.attempt) == (Verdict.PASSED, 2)


def test_an_overtaken_job_is_sent_again(service: Service) -> None:
    lost = service.submit("# sleep 0")
    queue.purge(service.parts.celery, queue.GRADING)
    service.start("control")
    service.start("grading")
    later = [service.submit("# sleep 1.0") for _ in range(6)]
    assert service.await_state(lost, State.DONE).attempt == 2
    for submission in later:
        assert service.await_state(submission, State.DONE).attempt == 1


def test_a_worker_that_is_told_to_stop_at_once_gives_its_job_back(service: Service) -> None:
    service.start("control")
    service.start("grading")
    submission = service.submit("# hold")
    service.await_state(submission, State.RUNNING)
    service.signal("grading", signal.SIGQUIT)
    service.start("grading")
    done = service.await_state(submission, State.DONE)
    assert done.verdict is Verdict.PASSED
    assert len(service.parts.queries.reports(submission)) == 1


def test_a_process_that_stands_still_is_replaced(service: Service, until: Any) -> None:
    service.start("control")
    service.start("grading")
    submission = service.submit("# hold")
    service.await_state(submission, State.RUNNING)
    (child,) = _children(service.processes()["grading"])
    os.kill(child, signal.SIGSTOP)
    done = service.await_state(submission, State.DONE, 90, revives=True)
    assert (done.verdict, done.faults, done.losses) == (Verdict.PASSED, 0, 1)
    until(lambda: not Path(f"/proc/{child}").exists(), 20, "it dies with its parent")


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_words_and_orders_of_strangers_do_nothing(service: Service, until: Any) -> None:
    """Who can write to the control queue alone: orders that claim another queue, words without secrets, a forged pass."""
    service.start("control")
    service.start("grading")
    first, second = service.submit("# sleep 4"), service.submit("# sleep 0")
    running = service.await_state(first, State.RUNNING)
    report = wire.to_json(PART["a_pass"]("slow", running.assignment_version))
    app = service.parts.celery
    for _ in range(3):
        claim(app, queue.CONTROL, queue.RECOVER)
        claim(app, queue.CONTROL, queue.RECOVER_FROM, running.worker)
        for word, said in {
            queue.RECORD_REPORT: [report],
            queue.JOB_FAILED: ["a fault"],
            queue.JOB_IS_SLOW: [],
        }.items():
            queue.send(app, word, queue.CONTROL, second, 1, *said, secret="0" * 64)
    refused = {("words_refused", "misplaced"): 6, ("words_refused", "forged"): 9}
    until(lambda: refused.items() <= service.parts.counts.all().items(), 40, "all are counted")
    for submission in (first, second):
        done = service.await_state(submission, State.DONE)
        assert (done.verdict, done.attempt, done.losses, done.faults) == (Verdict.PASSED, 1, 0, 0)
    assert service.runs() == [(first, 1), (second, 1)]


def claim(app: Any, place: str, task: str, *said: Any) -> None:
    """A message in one queue whose sender wrote that it is in that of the control plane."""
    with app.connection_for_write() as connection:
        channel = connection.default_channel
        headers = {"id": new_id(), "task": task, "lang": "py", "argsrepr": "()", "kwargsrepr": "{}"}
        message = channel.prepare_message(
            json.dumps([said, {}, {}]), 0, "application/json", "utf-8", headers=headers, properties={}
        )
        message["properties"] |= {
            "delivery_tag": new_id(),
            "delivery_info": {"exchange": "", "routing_key": queue.PLANE},
            "correlation_id": headers["id"],
        }
        channel._put(place, message)
