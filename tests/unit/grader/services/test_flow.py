"""When a lane is said to drain, and when not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from grader.domain.submission import Lane
from grader.services.flow import Cause, Flow, LaneFacts, Worker, judge
from grader.services.ports import Patience

PATIENCE = Patience(stopped=60.0, heartbeat=5.0)
NOTHING = LaneFacts()
QUICK, SLOW = Lane.QUICK, Lane.SLOW
BOTH = (QUICK, SLOW)


@pytest.fixture
def ago(now: datetime) -> Any:
    """A moment so many seconds before now."""
    return lambda seconds: now - timedelta(seconds=seconds)


def worker(now: datetime, *lanes: Lane, idle: bool = False, name: str = "w") -> Worker:
    return Worker(name, frozenset(lanes), now, now if idle else None)


def flows(now: datetime, *workers: Worker, quick: LaneFacts = NOTHING, slow: LaneFacts = NOTHING) -> Any:
    return judge({QUICK: quick, SLOW: slow}, workers, now, PATIENCE)


def test_nothing_waits_and_somebody_would_take_it(now: datetime) -> None:
    found = flows(now, worker(now, *BOTH, idle=True))
    assert [flow.cause for flow in found.values()] == [None, None]


def test_a_lane_without_a_worker_does_not_drain_and_stops_once_somebody_has_waited(
    now: datetime, ago: Any
) -> None:
    only_quick = worker(now, QUICK)
    assert flows(now, only_quick)[SLOW] == Flow(NOTHING, (), Cause.NO_WORKER)
    assert flows(now, only_quick)[QUICK].drains
    for seconds, stopped in ((59, None), (61, ago(61))):
        waits = LaneFacts(waiting=1, sent=1, waiting_since=ago(seconds))
        found = flows(now, only_quick, slow=waits)[SLOW]
        assert (found.cause, found.stopped_since) == (Cause.NO_WORKER, stopped)


@pytest.mark.parametrize(("idle", "cause"), [(True, Cause.NOT_TAKEN), (False, Cause.NO_SIGN_OF_LIFE)])
def test_a_worker_that_takes_nothing(now: datetime, ago: Any, idle: bool, cause: Cause) -> None:
    waits = LaneFacts(waiting=3, sent=3, waiting_since=ago(300), started_at=ago(90), ended_at=ago(80))
    found = flows(now, worker(now, *BOTH, idle=idle), quick=waits)[QUICK]
    assert (found.cause, found.stopped_since) == (cause, ago(80))


@pytest.mark.parametrize("event", ["waiting_since", "started_at", "ended_at"])
def test_what_happened_a_moment_ago_is_no_standstill(now: datetime, ago: Any, event: str) -> None:
    waits = LaneFacts(waiting=3, sent=3, waiting_since=ago(300), started_at=ago(290), ended_at=ago(280))
    assert flows(now, worker(now, *BOTH), quick=replace(waits, **{event: ago(59)}))[QUICK].drains


def test_a_long_job_with_signs_of_life_is_no_fault(now: datetime, ago: Any) -> None:
    waits = LaneFacts(waiting=9, sent=9, waiting_since=ago(5000))
    trains = LaneFacts(alive=1, started_at=ago(5000))
    assert flows(now, worker(now, *BOTH), quick=waits, slow=trains)[QUICK].drains
    lost = replace(trains, alive=0)
    assert flows(now, worker(now, *BOTH), quick=waits, slow=lost)[QUICK].cause is Cause.NO_SIGN_OF_LIFE


def test_a_long_job_of_one_does_not_excuse_another(now: datetime, ago: Any) -> None:
    """The one that takes quick jobs alone is stopped; the other trains."""
    waits = LaneFacts(waiting=9, sent=9, waiting_since=ago(500))
    trains = LaneFacts(alive=1, started_at=ago(5000))
    stopped, other = worker(now, QUICK, name="a"), worker(now, *BOTH, name="b")
    found = flows(now, stopped, other, quick=waits, slow=trains)[QUICK]
    assert found.cause is Cause.NO_SIGN_OF_LIFE
    assert found.workers == (stopped, other)


def test_quick_jobs_of_one_do_not_hide_that_the_slow_lane_stands_still(now: datetime, ago: Any) -> None:
    waits = LaneFacts(waiting=1, sent=1, waiting_since=ago(100))
    flies = LaneFacts(alive=1, waiting=2, sent=2, waiting_since=ago(1), started_at=ago(1), ended_at=ago(1))
    quick, deaf = worker(now, QUICK, name="a"), worker(now, *BOTH, name="b")
    found = flows(now, quick, deaf, quick=flies, slow=waits)
    assert found[QUICK].drains
    assert (found[SLOW].cause, found[SLOW].stopped_since) == (Cause.NO_SIGN_OF_LIFE, ago(100))


def test_a_worker_that_has_just_ended_a_job_of_another_lane_is_about_to_take_ours(
    now: datetime, ago: Any
) -> None:
    waits = LaneFacts(waiting=9, sent=9, waiting_since=ago(500))
    for seconds, drains in ((14, True), (16, False)):
        ended = LaneFacts(started_at=ago(900), ended_at=ago(seconds))
        assert flows(now, worker(now, *BOTH, idle=True), quick=waits, slow=ended)[QUICK].drains is drains
    one_of_two = LaneFacts(alive=1, started_at=ago(900), ended_at=ago(3))
    pair = [worker(now, *BOTH, name=name) for name in "ab"]
    assert flows(now, *pair, quick=waits, slow=one_of_two)[QUICK].drains


def test_after_a_slow_job_its_lane_may_rest_for_as_long_as_that_took(now: datetime, ago: Any) -> None:
    for seconds, drains in ((359, True), (361, False)):
        rests = LaneFacts(
            waiting=1, waiting_since=ago(900), started_at=ago(seconds + 300), ended_at=ago(seconds),
            took=timedelta(seconds=300),
        )  # fmt: skip
        found = flows(now, worker(now, *BOTH, idle=True), slow=rests)[SLOW]
        assert found.cause is (None if drains else Cause.NOT_SENT)
    assert not flows(now, worker(now, *BOTH, idle=True), slow=replace(rests, sent=1, ended_at=ago(61)))[
        SLOW
    ].drains, "what was sent can be taken"


def test_regrades_leave_a_worker_free_on_purpose(now: datetime, ago: Any) -> None:
    waits = LaneFacts(waiting=2, only_regrades=True, waiting_since=ago(900), started_at=ago(900), alive=1)
    pair = [worker(now, *BOTH, name="a"), worker(now, *BOTH, idle=True, name="b")]
    assert flows(now, *pair, slow=waits)[SLOW].drains
    for other in (replace(waits, sent=1), replace(waits, only_regrades=False), replace(waits, alive=0)):
        assert not flows(now, *pair, slow=other)[SLOW].drains


def test_what_is_not_sent_is_told_as_that(now: datetime, ago: Any) -> None:
    waits = LaneFacts(waiting=2, sent=0, waiting_since=ago(61))
    assert flows(now, worker(now, *BOTH, idle=True), quick=waits)[QUICK].cause is Cause.NOT_SENT
