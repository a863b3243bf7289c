from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from grader import queue, wire
from grader.db.away import DatabaseAway
from grader.domain.report import Verdict
from grader.domain.submission import Stage, State
from grader.tasks import AGAIN, Sweeper, make_control_app

School = Any


@pytest.fixture
def tasks(school: School) -> Any:
    """The control worker's tasks, called as a worker calls them."""
    app = make_control_app(school.parts)
    return lambda name, *arguments: app.tasks[name].apply(args=arguments, throw=True)


def test_a_job_from_its_first_stage_to_its_report(tasks: Any, school: School, make_report: Any) -> None:
    saved, store = school.hand_in(), school.parts.store
    tasks(queue.PROGRESS, saved.id, 1, "extract")
    tasks(queue.PROGRESS, saved.id, 1, "train")
    assert (store.get(saved.id).state, store.get(saved.id).stage) == (State.RUNNING, Stage.TRAIN)
    lease = store.get(saved.id).lease_until
    tasks(queue.HEARTBEAT, saved.id, 1)
    assert store.get(saved.id).lease_until > lease
    for _ in range(2):
        tasks(queue.RECORD_REPORT, saved.id, 1, wire.to_json(make_report()))
    assert store.get(saved.id).verdict is Verdict.PASSED
    assert len(school.parts.queries.reports(saved.id)) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"score": 1e400},
        {"score": None},
        {"feedback": [{"code": "x", "params": {"size": 2**200}}]},
        {"stdout": "\ud800"},
    ],
)
def test_a_report_that_nobody_can_read_is_refused_and_no_job_pays(
    tasks: Any, school: School, make_report: Any, changed: dict[str, Any]
) -> None:
    saved = school.hand_in()
    tasks(queue.RECORD_REPORT, saved.id, 1, wire.to_json(make_report()) | changed)
    after = school.parts.store.get(saved.id)
    assert (after.state, after.faults, after.verdict) == (State.QUEUED, 0, None)
    assert school.parts.counts.all()["words_refused", "unreadable"] == 1


def test_faults_and_returned_jobs_go_back_into_line(tasks: Any, school: School) -> None:
    failed, returned = school.hand_in(), school.hand_in()
    tasks(queue.JOB_FAILED, failed.id, 1, "SandboxUnavailable: x")
    tasks(queue.JOB_RETURNED, returned.id, 1)
    assert school.parts.store.get(failed.id).faults == 1
    assert school.parts.store.get(returned.id).dispatched_at is None


def test_recovery_empties_the_queue_and_fills_it_again(tasks: Any, school: School) -> None:
    saved = [school.hand_in().id for _ in range(3)]
    tasks(queue.RECOVER)
    assert [school.parts.store.get(one).attempt for one in saved] == [2, 2, 2]
    assert queue.purge(school.parts.celery, queue.GRADING) == 3


def test_a_worker_is_heard_of(tasks: Any, school: School, now: Any) -> None:
    tasks(queue.WORKER_SEEN, "w", "grading", False)
    assert school.parts.queries.worker_age(now) is not None


def test_a_database_that_is_away_costs_no_report() -> None:
    assert AGAIN["autoretry_for"] == (DatabaseAway,)
    assert AGAIN["max_retries"] >= 5


def test_the_sweeper_goes_on_after_an_error(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[int] = []
    sweeper = Sweeper(school.parts)

    def fall(*_arguments: object, **_words: object) -> None:
        rounds.append(1)
        if len(rounds) == 3:
            sweeper.stop()
        raise RuntimeError

    monkeypatch.setattr("grader.tasks.sweep", fall)
    monkeypatch.setattr(sweeper, "_pause", 0.01)
    sweeper.start()
    sweeper.join(20)
    assert len(rounds) == 3


def test_a_sweeper_that_stood_still_listens_anew_before_it_judges(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signs of life wait unread after a pause of the whole process."""
    sinces: list[datetime] = []
    clock = [0.0]
    monkeypatch.setattr("grader.tasks.time", SimpleNamespace(monotonic=lambda: clock[0]))
    parts = school.parts
    parts.patience = replace(parts.patience, lease=1.0, sweep=0.01)
    sweeper = Sweeper(parts)

    def look(*_arguments: object, listening_since: datetime) -> None:
        sinces.append(listening_since)
        if len(sinces) == 2:
            clock[0] += 0.6
        if len(sinces) == 3:
            sweeper.stop()

    monkeypatch.setattr("grader.tasks.sweep", look)
    sweeper.start()
    sweeper.join(20)
    assert sinces[0] == sinces[1] < sinces[2]
