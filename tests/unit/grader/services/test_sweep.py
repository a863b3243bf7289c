from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from grader.domain.report import Verdict
from grader.domain.submission import Job, Stage, State
from grader.services.ports import Sign, Step
from grader.services.sweep import recover, recover_from, sweep

School = Any
SECOND = timedelta(seconds=1)


def test_a_quiet_system_is_left_alone(school: School, now: datetime) -> None:
    school.hand_in()
    for seconds in range(0, 3600, 60):
        moment = now + seconds * SECOND
        school.parts.workers.seen(Sign("w", "grading", True), moment)
        assert not sweep(
            school.parts.recorder, school.parts.backlog, moment, listening_since=now - 60 * SECOND
        )


def lose(school: School, submission: str, worker: str, now: datetime) -> None:
    """The current attempt begins on a worker, which is never heard of again."""
    parts = school.parts
    attempt = parts.store.get(submission).attempt
    assert parts.recorder.stage(Step(submission, attempt, Stage.TRAIN, worker), now)
    moment = now + 21 * SECOND
    assert sweep(parts.recorder, parts.backlog, moment, listening_since=now - 60 * SECOND).expired == 1


def test_a_job_that_three_workers_died_over_is_given_up_with_its_evidence(
    school: School, now: datetime
) -> None:
    saved = school.hand_in()
    for attempt, hours in enumerate((0, 1, 2), start=1):
        assert school.parts.store.get(saved.id).attempt == attempt
        lose(school, saved.id, f"w{attempt}", now + hours * 3600 * SECOND)
    after = school.parts.store.get(saved.id)
    assert (after.state, after.verdict, after.attempt) == (State.DONE, Verdict.GRADER_ERROR, 3)
    assert [name in after.fault_detail for name in ("w1", "w2", "w3")] == [True] * 3


def test_after_two_deaths_it_runs_alone_and_a_neighbours_death_is_not_its_own(
    school: School, now: datetime
) -> None:
    sent: list[bool] = []

    class Keeping:
        """Keeps whether a job was to be alone."""

        def send(self, job: Job, worker: str | None = None, *, alone: bool = False) -> None:
            sent.append(alone)

    parts, saved = school.parts, school.hand_in()
    parts.__dict__["dispatcher"] = replace(parts.dispatcher, queue=Keeping())
    for hours in (0, 1):
        lose(school, saved.id, "w", now + hours * 3600 * SECOND)
    assert sent == [False, True]
    later = now + 7200 * SECOND
    for name in ("w", "neighbour"):
        parts.workers.seen(Sign(name, "grading", busy=True), later)
    lose(school, saved.id, "w", later)
    after = parts.store.get(saved.id)
    assert (after.state, after.losses, sent[-1]) == (State.QUEUED, 3, True), "the neighbour fell silent, too"


def test_many_deaths_end_it_whosever_they_are(school: School, now: datetime) -> None:
    saved = school.hand_in()
    for attempt in range(1, school.parts.patience.most_losses + 1):
        school.parts.recorder.stage(Step(saved.id, attempt, Stage.TRAIN, "w"), now)
        recover(school.parts.recorder, school.parts.backlog, now)
    assert school.parts.store.get(saved.id).verdict is Verdict.GRADER_ERROR


def test_a_planned_end_spends_nothing(school: School, now: datetime) -> None:
    parts, saved = school.parts, school.hand_in()
    for attempt in range(1, 8):
        parts.workers.seen(Sign("w", "grading", busy=True, is_first=True), now)
        parts.recorder.stage(Step(saved.id, attempt, Stage.TRAIN, "w"), now)
        parts.workers.left("w", now)
        sweep(parts.recorder, parts.backlog, now + 21 * SECOND, listening_since=now - 60 * SECOND)
    parts.recorder.stage(Step(saved.id, 8, Stage.TRAIN, "w"), now)
    recover(parts.recorder, parts.backlog, now, planned=True)
    after = parts.store.get(saved.id)
    assert (after.state, after.attempt, after.losses) == (State.QUEUED, 9, 0)


def test_one_workers_death_is_the_loss_of_its_own_jobs_alone(school: School, now: datetime) -> None:
    parts = school.parts
    mine, yours = school.hand_in(), school.hand_in()
    for each, worker in ((mine, "dead"), (yours, "alive")):
        parts.workers.seen(Sign(worker, "grading", busy=True), now)
        parts.recorder.stage(Step(each.id, 1, Stage.TRAIN, worker), now)
    assert recover_from(parts.recorder, parts.backlog, "dead", now) == 1
    assert [parts.store.get(each.id).losses for each in (mine, yours)] == [1, 0]
    assert parts.store.get(yours.id).state is State.RUNNING


def test_what_was_offered_to_who_is_gone_comes_back(school: School, now: datetime) -> None:
    parts = school.parts
    parts.workers.seen(Sign("old", "grading", busy=False, can={"dense": "sha256:old"}), now)
    parts.workers.seen(Sign("w", "grading", busy=False, can={"dense": "sha256:dense"}), now)
    saved = school.hand_in(at=now)
    assert parts.store.get(saved.id).worker == "w"
    parts.workers.left("w", now)
    parts.workers.seen(Sign("new", "grading", busy=False, can={"dense": "sha256:dense"}), now)
    sweep(parts.recorder, parts.backlog, now + SECOND, listening_since=now - 60 * SECOND)
    after = parts.store.get(saved.id)
    assert (after.worker, after.attempt) == ("new", 2)


def test_who_is_deaf_is_told_and_not_counted(school: School, now: datetime) -> None:
    parts = school.parts
    school.hand_in(at=now)
    for seconds in range(0, 80, 5):
        parts.workers.seen(Sign("w", "grading", busy=False), now + seconds * SECOND)
    moment = now + 76 * SECOND
    sweep(parts.recorder, parts.backlog, moment, listening_since=now - 60 * SECOND)
    assert parts.workers.going_deaf(moment, parts.patience) == []


def test_leases_count_only_once_we_have_listened_long_enough(school: School, now: datetime) -> None:
    recorder = school.parts.recorder
    saved = school.hand_in()
    recorder.stage(Step(saved.id, 1, Stage.TRAIN), now)
    hour = now + 3600 * SECOND
    assert not sweep(recorder, school.parts.backlog, hour, listening_since=hour - SECOND)
    assert sweep(recorder, school.parts.backlog, hour, listening_since=hour - 21 * SECOND).expired == 1


def test_two_sweeps_at_once_dispatch_once(school: School, now: datetime) -> None:
    recorder, store = school.parts.recorder, school.parts.store
    saved = school.hand_in()
    store.undo_dispatch(saved.id, 1, now)
    found = school.parts.backlog.waiting(now, now)
    assert [school.parts.dispatcher.dispatch(one, now) for one in (*found, *found)] == [True, False]
    assert not sweep(recorder, school.parts.backlog, now, listening_since=now)


def test_recovery_sends_everything_that_is_not_final(school: School, make_report: Any, now: datetime) -> None:
    recorder, store = school.parts.recorder, school.parts.store
    done, running, queued = school.hand_in(), school.hand_in(), school.hand_in()
    school.grade(done, make_report())
    recorder.stage(Step(running.id, 1, Stage.TRAIN), now)
    assert recover(recorder, school.parts.backlog, now) == 2
    assert [store.get(one.id).attempt for one in (done, running, queued)] == [1, 2, 2]
    assert [store.get(one.id).losses for one in (done, running, queued)] == [0, 1, 0]
