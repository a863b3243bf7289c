from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from grader.domain.report import DatasetStamp, PartReport, Provenance, Report, Verdict
from grader.domain.submission import Lack, Stage, State
from grader.domain.training import SeededRun, TrainingRun
from grader.services.ports import Refusal, Sign, Step
from grader.services.record import Recorder
from grader.services.regrade import regrade

School = Any
SECOND = timedelta(seconds=1)


def test_a_saved_report_is_announced_once(school: School, make_report: Any, now: datetime) -> None:
    heard: list[str] = []
    recorder = Recorder(school.parts.dispatcher, (lambda submission, _report: heard.append(submission.id),))
    saved = school.hand_in()
    recorder.stage(Step(saved.id, 1, Stage.EXTRACT), now + 3 * SECOND)
    assert recorder.report(saved.id, 1, make_report(), now + 4 * SECOND)
    assert not recorder.report(saved.id, 1, make_report(), now)
    assert heard == [saved.id]
    assert school.parts.store.latest_report(saved.id).timings.queue_s == 3.0


def test_a_fault_is_tried_again_later_and_later_and_then_told(school: School, now: datetime) -> None:
    recorder, store = school.parts.recorder, school.parts.store
    saved = school.hand_in()
    for attempt, delay in enumerate(school.parts.patience.fault_delays, start=1):
        recorder.fault(saved.id, attempt, "no sandbox", now)
        moment = now + delay * SECOND
        assert school.parts.backlog.waiting(moment - SECOND / 10, now - SECOND) == []
        (due,) = school.parts.backlog.waiting(moment, now - SECOND)
        assert school.parts.dispatcher.dispatch(due, moment)
    recorder.fault(saved.id, 4, "no sandbox", now)
    after = store.get(saved.id)
    assert (after.state, after.verdict, after.score, after.max_score) == (
        State.DONE,
        Verdict.GRADER_ERROR,
        None,
        10.0,
    )


def test_who_cannot_gives_the_job_back_and_no_try_is_spent(school: School, now: datetime) -> None:
    recorder, parts = school.parts.recorder, school.parts
    parts.workers.seen(Sign("w", "grading", busy=False), now)
    saved = school.hand_in()
    recorder.stage(Step(saved.id, 1, Stage.EXTRACT, "w"), now)
    recorder.refused(Refusal(saved.id, 1, "w", Lack.SANDBOX, "no engine"), now)
    waiting = parts.store.get(saved.id)
    assert (waiting.state, waiting.faults, waiting.losses) == (State.QUEUED, 0, 0)
    assert (waiting.dispatched_at, waiting.waits_for) == (None, Lack.SANDBOX)
    later = now + (parts.patience.lacking + 1) * SECOND
    parts.workers.seen(Sign("w", "grading", busy=False), later)
    assert recorder.dispatcher.dispatch(waiting, later)
    assert parts.store.get(saved.id).waits_for is None


def test_who_waits_for_another_version_can_be_graded_by_the_newest(school: School, now: datetime) -> None:
    parts = school.parts
    parts.workers.seen(Sign("w", "grading", busy=False, can={"dense": "sha256:newest"}), now)
    saved = school.hand_in(at=now)
    assert parts.store.get(saved.id).waits_for is Lack.VERSION
    dense = replace(parts.shelf.assignments["dense"], version="sha256:newest")
    newer = replace(parts.dispatcher, shelf=replace(parts.shelf, assignments={"dense": dense}))
    assert regrade(saved.id, school.ids["tess"], "the old version is gone", newer, now)
    after = parts.store.get(saved.id)
    assert (after.assignment_version, after.waits_for) == ("sha256:newest", None)
    assert after.dispatched_at is not None


def test_a_lost_guest_gets_one_further_try(school: School, now: datetime) -> None:
    recorder, saved = school.parts.recorder, school.hand_in()
    recorder.fault(saved.id, 1, "lost", now, further=1)
    school.parts.dispatcher.dispatch(school.parts.store.get(saved.id), now)
    recorder.fault(saved.id, 2, "lost", now, further=1)
    assert school.parts.store.get(saved.id).verdict is Verdict.GRADER_ERROR


def test_what_would_end_the_same_again_is_tried_once(school: School, now: datetime) -> None:
    saved = school.hand_in()
    school.parts.recorder.fault(saved.id, 1, "the trainer ended with SIGXCPU", now, further=0)
    done = school.parts.store.get(saved.id)
    assert (done.verdict, done.score, done.attempt) == (Verdict.GRADER_ERROR, None, 1)


def test_a_fault_of_an_old_attempt_is_nothing(school: School, now: datetime) -> None:
    saved = school.hand_in()
    school.parts.recorder.fault(saved.id, 0, "late", now)
    assert school.parts.store.get(saved.id).faults == 0


def test_heartbeats_hold_the_lease_but_not_for_ever(school: School, now: datetime) -> None:
    recorder, store = school.parts.recorder, school.parts.store
    saved = school.hand_in()
    assert not recorder.heartbeat(saved.id, 1, now)
    recorder.stage(Step(saved.id, 1, Stage.TRAIN), now)
    assert recorder.heartbeat(saved.id, 1, now + 15 * SECOND)
    assert store.get(saved.id).lease_until == now + 35 * SECOND
    assert not recorder.heartbeat(saved.id, 2, now)
    assert not recorder.heartbeat(saved.id, 1, now + (school.parts.patience.longest_run + 1) * SECOND)


def test_a_job_given_back_unstarted_goes_into_line_at_once(school: School, now: datetime) -> None:
    recorder = school.parts.recorder
    saved = school.hand_in()
    recorder.returned(saved.id, 1, now)
    assert [one.id for one in school.parts.backlog.waiting(now, now - SECOND)] == [saved.id]


def test_a_job_given_back_while_it_runs_loses_its_lease_soon(school: School, now: datetime) -> None:
    recorder, store = school.parts.recorder, school.parts.store
    saved = school.hand_in()
    recorder.stage(Step(saved.id, 1, Stage.TRAIN), now)
    recorder.returned(saved.id, 1, now)
    assert store.get(saved.id).lease_until == now + 10 * SECOND


SIGNS = DatasetStamp("signs", "synthetic", "sha256:1")


def trained_on(stamp: DatasetStamp, report: Report) -> Report:
    run = TrainingRun((SeededRun(0, 1, {"accuracy": (0.9,)}),))
    part = PartReport("model", "build_model", None, training=run)
    made = Provenance("0", "3", "2", "bubblewrap", stamp)
    return replace(report, provenance=made, parts=(part,))


def test_the_first_training_fixes_the_data_of_an_assignment_in_a_course(
    school: School, make_report: Any, now: datetime
) -> None:
    first, second = school.hand_in(), school.hand_in("bob")
    store, recorder = school.parts.store, school.parts.recorder
    assert recorder.save(first.id, 1, trained_on(SIGNS, make_report()), now)
    assert store.pinned_data(school.course, "dense") == [("signs", "sha256:1")]
    other = replace(SIGNS, origin="real", sha256="sha256:2")
    assert not recorder.save(second.id, 1, trained_on(other, make_report()), now)
    waiting = store.get(second.id)
    assert waiting is not None
    assert (waiting.state, waiting.faults, waiting.verdict) == (State.QUEUED, 1, None)
    assert recorder.dispatcher.dispatch(waiting, now)
    assert recorder.save(second.id, 2, trained_on(SIGNS, make_report()), now)


def test_data_is_fixed_for_one_assignment_and_only_by_a_training(
    school: School, make_report: Any, now: datetime
) -> None:
    store, recorder = school.parts.store, school.parts.recorder
    untrained = replace(trained_on(SIGNS, make_report()), parts=())
    assert recorder.save(school.hand_in().id, 1, untrained, now)
    assert store.pinned_data(school.course, "dense") == []
    assert recorder.save(school.hand_in().id, 1, trained_on(SIGNS, make_report()), now)
    assert store.pinned_data(school.course, "conv") == []
    assert school.parts.courses.release_data(school.course, "dense")
    assert not school.parts.courses.release_data(school.course, "dense")
    assert store.pinned_data(school.course, "dense") == []
