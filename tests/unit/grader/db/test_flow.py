"""Lanes as the tables show them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from grader.db.columns import utc_now
from grader.domain.submission import Lane, Stage
from grader.services.flow import Cause, LaneFacts
from grader.services.ports import Patience, Sign, Step
from grader.services.regrade import regrade

School = Any
SECOND = timedelta(seconds=1)
BOTH = "grading,slow"


def facts(school: School, now: datetime, lane: Lane = Lane.QUICK) -> LaneFacts:
    return school.parts.flow.lanes(now, Patience())[lane].facts


def current(school: School, saved: Any) -> Any:
    return school.parts.store.get(saved.id)


def start(school: School, saved: Any, at: datetime) -> None:
    school.parts.recorder.stage(Step(saved.id, current(school, saved).attempt, Stage.EXTRACT), at)


def run(school: School, saved: Any, make_report: Any, at: datetime, seconds: float) -> None:
    start(school, saved, at)
    attempt = current(school, saved).attempt
    school.parts.store.save_report(saved.id, attempt, make_report(), at + timedelta(seconds=seconds))


def test_who_is_alive_is_who_spoke_within_three_heartbeats(school: School, now: datetime) -> None:
    workers, flow = school.parts.workers, school.parts.flow
    workers.seen(Sign("busy", "grading", True), now)
    workers.seen(Sign("idle", "slow,grading,a lane of tomorrow", False), now + SECOND)
    workers.seen(Sign("gone", BOTH, False), now - 15 * SECOND)
    busy, idle = flow.workers(now, Patience())
    assert (busy.name, busy.lanes, busy.idle_since) == ("busy", {Lane.QUICK}, None)
    assert (idle.lanes, idle.idle_since) == (set(Lane), now + SECOND)
    assert [flow.lanes(now, Patience())[lane].workers for lane in Lane] == [(busy, idle), (idle,)]


def test_an_empty_service_tells_nothing(school: School, now: datetime) -> None:
    assert facts(school, now) == LaneFacts(work_s=0.0)


def test_what_waits_and_what_runs(school: School, make_report: Any, now: datetime) -> None:
    done, runs, *_ = [school.hand_in(at=now + number * SECOND) for number in range(4)]
    run(school, done, make_report, now + 10 * SECOND, 4)
    start(school, runs, now + 15 * SECOND)
    assert facts(school, now + 20 * SECOND) == LaneFacts(
        waiting=2, sent=2, waiting_since=now + 2 * SECOND, alive=1, started_at=now + 15 * SECOND,
        ended_at=now + 14 * SECOND, took=4 * SECOND, work_s=None,
    )  # fmt: skip
    silent = facts(school, now + 36 * SECOND)
    assert (silent.alive, silent.waiting, silent.sent) == (0, 2, 3), "its lease is over"


def test_work_is_measured_by_assignment_where_it_can_be(
    school: School, make_report: Any, now: datetime
) -> None:
    for assignment, seconds in (("dense", 2), ("dense", 3), ("dense", 4), ("conv", 11)):
        run(school, school.hand_in(at=now, assignment=assignment), make_report, now, seconds)
    for assignment in ("dense", "dense", "conv"):
        school.hand_in("bob", at=now, assignment=assignment)
    assert facts(school, now).work_s == 3 + 3 + 5, "the one exercise by its own mean, the other by the lane's"


def test_being_sent_again_does_not_make_it_wait_anew_and_changing_lanes_does(
    school: School, make_report: Any, now: datetime
) -> None:
    saved = school.hand_in(at=now)
    school.parts.dispatcher.dispatch(current(school, saved), now + 30 * SECOND)
    assert facts(school, now + 40 * SECOND).waiting_since == now
    school.parts.recorder.slow(saved.id, current(school, saved).attempt, now + 50 * SECOND)
    assert facts(school, now + 60 * SECOND).waiting == 0
    assert facts(school, now + 60 * SECOND, Lane.SLOW).waiting_since == now + 50 * SECOND
    school.grade(saved, make_report(), now + 60 * SECOND)
    regrade(saved.id, school.ids["tess"], "", school.parts.dispatcher, now + 70 * SECOND)
    assert facts(school, now + 80 * SECOND).waiting_since == now + 70 * SECOND


def test_regrades_are_told_from_what_is_new(school: School, make_report: Any, now: datetime) -> None:
    old = school.hand_in(at=now)
    school.grade(old, make_report(), now)
    new = school.hand_in("bob", at=now)
    regrade(old.id, school.ids["tess"], "", school.parts.dispatcher, now)
    found = facts(school, now)
    assert (found.only_regrades, found.waiting, found.sent) == (False, 2, 1)
    start(school, new, now)
    found = facts(school, now)
    assert (found.only_regrades, found.waiting, found.sent, found.alive) == (True, 1, 0, 1)


def test_after_a_fault_it_waits_from_when_it_is_due_and_after_a_loss_from_then(
    school: School, now: datetime
) -> None:
    saved = school.hand_in(at=now)
    school.parts.recorder.fault(saved.id, 1, "no sandbox", now + 5 * SECOND)
    found = facts(school, now + 6 * SECOND)
    assert (found.waiting, found.waiting_since) == (1, None)
    school.parts.dispatcher.dispatch(current(school, saved), now + 7 * SECOND)
    assert facts(school, now + 8 * SECOND).waiting_since == now + 7 * SECOND
    start(school, saved, now + 9 * SECOND)
    school.parts.recorder.loss(current(school, saved), now + 40 * SECOND)
    assert facts(school, now + 41 * SECOND).waiting_since == now + 40 * SECOND


def test_a_job_that_nobody_gives_signs_of_life_of_is_a_standstill(school: School, now: datetime) -> None:
    first, second = school.hand_in(at=now), school.hand_in(at=now)
    start(school, first, now)
    for seconds, cause in ((19, None), (61, Cause.NO_SIGN_OF_LIFE)):
        at = now + seconds * SECOND
        school.parts.workers.seen(Sign("w", BOTH, True), at)
        flow = school.parts.flow.lanes(at, Patience())[Lane.QUICK]
        assert flow.cause is cause
    assert flow.stopped_since == now
    start(school, second, now + 62 * SECOND)
    assert school.parts.flow.lanes(now + 62 * SECOND, Patience())[Lane.QUICK].drains


def test_a_silent_job_that_nobody_sweeps_is_a_standstill_too(school: School, now: datetime) -> None:
    """No control worker runs: the row stays as it is, and nobody else waits."""
    start(school, school.hand_in(at=now), now)
    silent_since = now + 20 * SECOND
    for seconds, stopped in ((79, None), (81, silent_since)):
        flow = school.parts.flow.lanes(now + seconds * SECOND, Patience())[Lane.QUICK]
        assert (flow.cause, flow.stopped_since) == (Cause.NO_WORKER, stopped)


def test_one_lane_is_told_as_all_are(school: School, now: datetime) -> None:
    first, second = school.hand_in(at=now), school.hand_in(at=now)
    for seconds in (0, 59, 61, 70, 131):
        at = now + seconds * SECOND
        school.parts.workers.seen(Sign("w", BOTH, True), at)
        if seconds == 70:
            start(school, first, at)
        for lane in Lane:
            told = school.parts.flow.stopped_since(lane, at, Patience())
            assert told == school.parts.flow.lanes(at, Patience())[lane].stopped_since
            assert (told is None) == (lane is Lane.SLOW or seconds in (0, 59, 70))
    assert current(school, second).dispatched_at is not None


@pytest.mark.parametrize(
    "ask",
    [
        lambda parts: parts.flow.stopped_since(Lane.QUICK, utc_now(), Patience()),
        lambda parts: parts.flow.lanes(utc_now(), Patience()),
        lambda parts: parts.counts.all(),
        lambda parts: parts.counts.last_hour(utc_now()),
    ],
    ids=["lane", "lanes", "counts", "last hour"],
)
def test_a_look_reads_no_submission_but_through_an_index(school: School, ask: Any) -> None:
    plans = []

    def explain(connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if statement.startswith("SELECT"):
            plans.extend(connection.connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall())

    event.listen(school.parts.database.engine, "before_cursor_execute", explain)
    ask(school.parts)
    event.remove(school.parts.database.engine, "before_cursor_execute", explain)
    steps = [row[3] for row in plans if "submissions" in row[3] or "workers" in row[3] or "tallies" in row[3]]
    assert plans
    assert [step for step in steps if not step.startswith("SEARCH")] == []
    covered = [step for step in steps if "submissions" in step and "COVERING INDEX" not in step]
    assert [step for step in covered if "ix_submissions_queue" not in step] == [], (
        "running ones alone are read"
    )
