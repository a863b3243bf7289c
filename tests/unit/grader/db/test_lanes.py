"""Room for regrades, places in line, and times that were measured."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from grader.db.lanes import Outlook
from grader.domain.submission import Lane, Stage, State
from grader.services.ports import Sign, Step
from grader.services.regrade import regrade

School = Any
SECOND = timedelta(seconds=1)


def alive(school: School, now: datetime, *queues: str) -> None:
    for number, names in enumerate(queues):
        school.parts.workers.seen(Sign(f"worker-{number}", names, False), now)


def graded(school: School, make_report: Any, now: datetime, seconds: float = 4.0) -> Any:
    """A submission that was graded within so many seconds."""
    saved = school.hand_in(at=now)
    current = school.parts.store.get(saved.id)
    school.parts.recorder.stage(Step(saved.id, current.attempt, Stage.EXTRACT), now)
    school.parts.store.save_report(saved.id, current.attempt, make_report(), now + timedelta(seconds=seconds))
    return saved


def in_queue(school: School, *submissions: Any) -> list[bool]:
    found = [school.parts.store.get(each.id) for each in submissions]
    return [each.state is not State.DONE and each.dispatched_at is not None for each in found]


def again(school: School, now: datetime, *submissions: Any) -> None:
    for each in submissions:
        assert regrade(each.id, school.ids["tess"], "", school.parts.dispatcher, now)


def test_one_worker_is_kept_for_new_submissions(school: School, make_report: Any, now: datetime) -> None:
    old = [graded(school, make_report, now) for _ in range(4)]
    alive(school, now + 9 * SECOND, "grading", "grading,slow", "grading")
    again(school, now + 9 * SECOND, *old)
    assert in_queue(school, *old) == [True, True, False, False]


def test_a_lane_with_one_worker_takes_them_one_by_one_while_nothing_new_waits(
    school: School, make_report: Any, now: datetime
) -> None:
    parts, later = school.parts, now + 9 * SECOND
    old = [graded(school, make_report, now) for _ in range(2)]
    alive(school, later, "grading,slow")
    new = school.hand_in("bob", at=later)
    again(school, later, *old)
    assert in_queue(school, *old) == [False, False]
    school.grade(new, make_report(), later)
    assert in_queue(school, *old) == [True, False]
    school.grade(parts.store.get(old[0].id), make_report(), later)
    assert in_queue(school, *old) == [False, True]


def test_a_regrade_that_ended_in_our_fault_comes_again(
    school: School, make_report: Any, now: datetime
) -> None:
    parts, saved = school.parts, graded(school, make_report, now)
    again(school, now, saved)
    attempt = parts.store.get(saved.id).attempt
    parts.recorder.fault(saved.id, attempt, "a fault", now)
    assert in_queue(school, saved) == [False]
    parts.dispatcher.admit(now + 60 * SECOND)
    assert in_queue(school, saved) == [True]


def test_what_is_slow_changes_lanes(school: School, now: datetime) -> None:
    parts, saved = school.parts, school.hand_in(at=now)
    first = parts.store.get(saved.id)
    parts.recorder.stage(Step(saved.id, first.attempt, Stage.EXTRACT), now)
    parts.recorder.slow(saved.id, first.attempt, now)
    moved = parts.store.get(saved.id)
    assert (moved.lane, moved.state, moved.attempt) == (Lane.SLOW, State.QUEUED, first.attempt + 1)
    assert moved.dispatched_at is not None
    assert (moved.faults, moved.losses) == (0, 0)
    parts.recorder.slow(saved.id, first.attempt, now)
    assert parts.store.get(saved.id) == moved, "words of an attempt that is over change nothing"


def slow(school: School, at: datetime, who: str = "ada") -> Any:
    """A submission that the quick lane has just given up."""
    saved = school.hand_in(who, at=at)
    school.parts.recorder.slow(saved.id, school.parts.store.get(saved.id).attempt, at)
    return saved


def run(school: School, saved: Any, make_report: Any, start: datetime, seconds: float) -> None:
    attempt = school.parts.store.get(saved.id).attempt
    school.parts.recorder.stage(Step(saved.id, attempt, Stage.EXTRACT), start)
    school.parts.store.save_report(saved.id, attempt, make_report(), start + timedelta(seconds=seconds))


def test_no_more_slow_jobs_are_sent_than_workers_take(
    school: School, make_report: Any, now: datetime
) -> None:
    alive(school, now, "grading", "grading,slow", "slow")
    jobs = [slow(school, now + number * SECOND) for number in range(4)]
    assert in_queue(school, *jobs) == [True, True, False, False]
    assert outlook(school, jobs[3], now).position == 4
    run(school, jobs[0], make_report, now, 3)
    school.parts.dispatcher.admit(now + 4 * SECOND)
    assert in_queue(school, *jobs) == [False, True, True, False]


def test_a_worker_of_both_lanes_gives_quick_jobs_as_much_time_as_a_slow_one_took(
    school: School, make_report: Any, now: datetime
) -> None:
    admit = school.parts.dispatcher.admit
    first, second = slow(school, now), slow(school, now + SECOND)
    quick = school.hand_in("bob", at=now)
    run(school, first, make_report, now, 10)
    for seconds, is_sent in ((12, False), (19, False), (20, True)):
        alive(school, now + seconds * SECOND, "grading", "grading,slow")
        admit(now + seconds * SECOND)
        assert in_queue(school, second) == [is_sent]
    assert in_queue(school, quick) == [True]


def test_slow_jobs_need_not_wait_where_no_quick_one_does(
    school: School, make_report: Any, now: datetime
) -> None:
    alive(school, now + 11 * SECOND, "grading,slow")
    first, second = slow(school, now), slow(school, now + SECOND)
    run(school, first, make_report, now, 10)
    school.parts.dispatcher.admit(now + 11 * SECOND)
    assert in_queue(school, second) == [True]


def test_a_worker_of_slow_jobs_alone_takes_one_after_the_other(
    school: School, make_report: Any, now: datetime
) -> None:
    alive(school, now + 11 * SECOND, "grading", "slow")
    first, second = slow(school, now), slow(school, now + SECOND)
    school.hand_in("bob", at=now)
    run(school, first, make_report, now, 10)
    school.parts.dispatcher.admit(now + 11 * SECOND)
    assert in_queue(school, second) == [True]


def test_a_slow_regrade_waits_for_room_in_its_lane(school: School, make_report: Any, now: datetime) -> None:
    parts, later = school.parts, now + 9 * SECOND
    one, other = (graded(school, make_report, now) for _ in range(2))
    alive(school, later, "grading", "grading", "grading,slow")
    again(school, later, one, other)
    for saved in (one, other):
        parts.recorder.slow(saved.id, parts.store.get(saved.id).attempt, later)
    assert in_queue(school, one, other) == [True, False]
    assert parts.store.get(other.id).lane is Lane.SLOW


def test_a_regrade_begins_in_the_quick_lane(school: School, make_report: Any, now: datetime) -> None:
    parts, saved = school.parts, school.hand_in(at=now)
    parts.recorder.slow(saved.id, parts.store.get(saved.id).attempt, now)
    school.grade(saved, make_report())
    again(school, now, saved)
    assert parts.store.get(saved.id).lane is Lane.QUICK


def outlook(school: School, submission: Any, now: datetime) -> Outlook:
    parts = school.parts
    return parts.lanes.outlook(parts.store.get(submission.id), now, parts.patience)


def test_places_are_counted_in_each_lane(school: School, now: datetime) -> None:
    first, second, third = (school.hand_in(at=now + number * SECOND) for number in range(3))
    assert [outlook(school, each, now).position for each in (first, second, third)] == [1, 2, 3]
    school.parts.recorder.slow(first.id, school.parts.store.get(first.id).attempt, now + 5 * SECOND)
    assert [outlook(school, each, now).position for each in (first, second, third)] == [1, 1, 2]


def test_nothing_is_told_before_it_was_measured(school: School, make_report: Any, now: datetime) -> None:
    for _ in range(2):
        graded(school, make_report, now)
    assert outlook(school, school.hand_in(at=now), now) == Outlook(1, None)


def test_the_time_is_what_others_took(school: School, make_report: Any, now: datetime) -> None:
    for _ in range(3):
        graded(school, make_report, now, seconds=4.0)
    waiting = [school.hand_in(at=now + number * SECOND) for number in range(3)]
    assert [outlook(school, each, now).seconds for each in waiting] == [4, 8, 12]
    alive(school, now, "grading", "grading,slow")
    assert [outlook(school, each, now).seconds for each in waiting] == [4, 6, 8]


def test_who_is_being_graded_reads_what_is_left(school: School, make_report: Any, now: datetime) -> None:
    for _ in range(3):
        graded(school, make_report, now, seconds=4.0)
    saved = school.hand_in(at=now)
    school.parts.recorder.stage(Step(saved.id, school.parts.store.get(saved.id).attempt, Stage.TRAIN), now)
    assert outlook(school, saved, now + SECOND) == Outlook(None, 3)
    assert outlook(school, saved, now + 60 * SECOND) == Outlook(None, 1)


def test_what_is_final_has_no_outlook(school: School, make_report: Any, now: datetime) -> None:
    assert outlook(school, graded(school, make_report, now), now) == Outlook()
