from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from grader.domain.report import Verdict
from grader.domain.submission import Stage, State
from grader.services.ports import Sign, Step
from grader.services.sweep import Swept, recover, sweep

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


def test_a_lost_lease_is_another_attempt_and_the_third_is_the_last(school: School, now: datetime) -> None:
    recorder, store = school.parts.recorder, school.parts.store
    saved = school.hand_in()
    for attempt in (1, 2, 3):
        assert store.get(saved.id).attempt == attempt
        assert recorder.stage(Step(saved.id, attempt, Stage.TRAIN), now)
        assert sweep(
            recorder, school.parts.backlog, now + 21 * SECOND, listening_since=now - 60 * SECOND
        ) == Swept(0, 1, 0)
    after = store.get(saved.id)
    assert (after.state, after.verdict, after.attempt) == (State.DONE, Verdict.GRADER_ERROR, 3)


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
