from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from grader import queue, wire
from grader.db.away import DatabaseAway
from grader.dispatch_secret import DispatchSecrets
from grader.domain.report import Verdict
from grader.domain.submission import Stage, State
from grader.hearing import AGAIN
from grader.services.ports import Step
from grader.services.sweep import sweep
from grader.tasks import Sweeper, make_control_app
from tests.school import report_of

School = Any


@pytest.fixture
def tasks(school: School) -> Any:
    """The control worker's tasks, called as a worker calls them, and as the control plane calls its own."""
    app, secrets = make_control_app(school.parts), school.parts.dispatch_secrets

    def call(name: str, *arguments: Any) -> None:
        about_a_job = len(arguments) > 1 and name != queue.WORKER_SEEN
        named = {"secret": secrets.of(*arguments[:2])} if about_a_job else {}
        app.tasks[name].apply(args=arguments, kwargs=named, throw=True, routing_key=queue.PLANE)

    return call


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


WORDS: dict[str, tuple[Any, ...]] = {
    queue.PROGRESS: ("train", "w"),
    queue.HEARTBEAT: (),
    queue.RECORD_REPORT: (wire.to_json(report_of()),),
    queue.JOB_FAILED: ("a fault",),
    queue.JOB_REFUSED: ("w", "sandbox", "no engine"),
    queue.JOB_IS_SLOW: (),
    queue.JOB_RETURNED: (),
    queue.RUN_DIFFERS: ("a" * 64,),
}
"""Every word about a job, with what is said."""


def other_secrets(school: School, submission: str) -> dict[str, tuple[dict[str, Any], str]]:
    """What somebody may say that was not sent this attempt, and how it is counted."""
    of = school.parts.dispatch_secrets.of
    strange = DispatchSecrets(lambda: ["another key of forty characters, at least"])
    return {
        "none": ({}, "unsigned"),
        "nothing": ({"secret": None}, "unsigned"),
        "empty": ({"secret": ""}, "forged"),
        "no text": ({"secret": [1]}, "forged"),
        "half a character": ({"secret": "\ud800"}, "forged"),
        "of another attempt": ({"secret": of(submission, 2)}, "forged"),
        "of another submission": ({"secret": of("01J" + "0" * 23, 1)}, "forged"),
        "under another key": ({"secret": strange.of(submission, 1)}, "forged"),
        "cut short": ({"secret": of(submission, 1)[:-1]}, "forged"),
    }


def test_every_word_about_a_job_is_in_the_table(school: School) -> None:
    orders = {queue.RECOVER, queue.RECOVER_FROM, queue.DELIVER}
    of_workers = {queue.WORKER_SEEN, queue.WORKER_LEAVES, queue.CANARY_SEEN}
    ours = {name for name in make_control_app(school.parts).tasks if name.startswith("grader.")}
    assert ours == set(WORDS) | orders | of_workers


@pytest.mark.parametrize("word", WORDS)
def test_a_word_without_its_secret_is_counted_and_changes_nothing(
    school: School, word: str, now: datetime
) -> None:
    app, saved = make_control_app(school.parts), school.hand_in()
    school.parts.recorder.stage(Step(saved.id, 1, Stage.EXTRACT, "w"), now)
    before, told = school.parts.store.get(saved.id), other_secrets(school, saved.id)
    for named, _ in told.values():
        app.tasks[word].apply(args=(saved.id, 1, *WORDS[word]), kwargs=named, throw=True)
    for about in ((), (None, None), (saved.id, "1"), ([saved.id], 1), (saved.id, True)):
        named = {"secret": school.parts.dispatch_secrets.of(saved.id, 1)}
        app.tasks[word].apply(args=about, kwargs=named, throw=True)
    assert school.parts.store.get(saved.id) == before
    assert school.parts.counts.all() == {("words_refused", "unsigned"): 2, ("words_refused", "forged"): 12}


@pytest.mark.parametrize(
    ("word", "said"),
    [
        (queue.PROGRESS, ("sleep",)),
        (queue.PROGRESS, ()),
        (queue.PROGRESS, ("train", ["w"])),
        (queue.HEARTBEAT, ("more",)),
        (queue.RUN_DIFFERS, (7,)),
        (queue.RECORD_REPORT, ()),
        (queue.RECORD_REPORT, (5,)),
        (queue.JOB_FAILED, ()),
        (queue.JOB_FAILED, ({"a": 1},)),
        (queue.JOB_REFUSED, ("w", "honesty", "none")),
        (queue.JOB_REFUSED, (7, "data", "none")),
    ],
)
def test_a_word_that_nobody_can_read_is_counted_and_changes_nothing(
    tasks: Any, school: School, word: str, said: tuple[Any, ...]
) -> None:
    saved = school.hand_in()
    tasks(word, saved.id, 1, *said)
    assert school.parts.store.get(saved.id) == saved
    assert school.parts.counts.all() == {("words_refused", "garbled"): 1}


def test_a_kept_training_that_differs_is_counted_and_logged_and_changes_no_job(
    tasks: Any, school: School, caplog: pytest.LogCaptureFixture
) -> None:
    saved = school.hand_in()
    tasks(queue.RUN_DIFFERS, saved.id, 1, "a" * 64)
    tasks(queue.RUN_DIFFERS, saved.id, 1, "forged\nline")
    assert school.parts.store.get(saved.id) == saved
    assert school.parts.counts.all() == {("kept_trainings_differing", ""): 2}
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
    assert "a" * 64 in caplog.text
    assert "forged\nline" not in caplog.text


def test_an_older_key_still_counts(school: School) -> None:
    old, new = "o" * 40, "n" * 40
    secret = DispatchSecrets(lambda: [old]).of("01J", 1)
    both = DispatchSecrets(lambda: [new, old])
    assert both.knows("01J", 1, secret)
    assert both.of("01J", 1) != secret
    assert not DispatchSecrets(lambda: [new]).knows("01J", 1, secret)


def test_what_an_older_worker_has_in_hand_is_charged_to_nobody(
    tasks: Any, school: School, now: datetime
) -> None:
    """It knows no secret, so its signs of life are not believed and its job is given to another one."""
    saved, parts = school.hand_in(), school.parts
    parts.recorder.stage(Step(saved.id, 1, Stage.TRAIN, "old"), now)
    tasks(queue.WORKER_SEEN, "old", "grading", True, {"dense": "sha256:dense"}, True)
    later = now + timedelta(seconds=parts.patience.lease + 1)
    assert sweep(parts.recorder, parts.backlog, later, listening_since=now - timedelta(hours=1)).expired == 1
    after = parts.store.get(saved.id)
    assert (after.attempt, after.losses, after.faults, after.state) == (2, 0, 0, State.QUEUED)


@pytest.mark.parametrize("place", [queue.CONTROL, queue.GRADING, "", None])
def test_orders_in_a_queue_that_workers_write_to_do_nothing(
    school: School, now: datetime, place: Any
) -> None:
    app, saved = make_control_app(school.parts), school.hand_in()
    school.parts.recorder.stage(Step(saved.id, 1, Stage.TRAIN, "w"), now)
    before = school.parts.store.get(saved.id)
    for _ in range(3):
        app.tasks[queue.RECOVER].apply(args=(), throw=True, routing_key=place)
        app.tasks[queue.RECOVER_FROM].apply(args=("w",), throw=True, routing_key=place)
        app.tasks[queue.DELIVER].apply(args=("x",), throw=True, routing_key=place)
    assert school.parts.store.get(saved.id) == before
    assert school.parts.counts.all() == {("words_refused", "misplaced"): 9}


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
    assert school.parts.counts.all()["words_refused", "garbled"] == 1


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
    tasks(queue.WORKER_SEEN, "w", "grading", False, None, False, True)
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
