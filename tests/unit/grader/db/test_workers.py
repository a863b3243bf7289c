from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from grader.domain.submission import Lack, Stage
from grader.services.ports import Route, Sign, Step

School = Any
SECOND = timedelta(seconds=1)
HERE = {"dense": "sha256:dense"}
ELSEWHERE = {"dense": "sha256:another"}


def route(school: School, now: datetime, **more: Any) -> Route:
    saved = school.hand_in(at=now, **more)
    return school.parts.workers.route(school.parts.store.get(saved.id), now, school.parts.patience)


def seen(school: School, now: datetime, name: str, can: dict[str, str] | None = None, **more: Any) -> None:
    school.parts.workers.seen(Sign(name, "grading", busy=more.pop("busy", False), can=can, **more), now)


def test_a_job_goes_into_the_lane_as_long_as_nobody_is_known(school: School, now: datetime) -> None:
    assert route(school, now) == Route()


def test_where_all_can_it_goes_into_the_lane(school: School, now: datetime) -> None:
    seen(school, now, "one", HERE)
    seen(school, now, "of an older release")
    assert route(school, now) == Route()


def test_where_some_can_it_goes_to_one_of_them_by_name(school: School, now: datetime) -> None:
    seen(school, now, "one", ELSEWHERE)
    seen(school, now, "two", HERE)
    assert route(school, now) == Route("two")


def test_where_nobody_can_it_waits_and_is_known_for_what(school: School, now: datetime) -> None:
    seen(school, now, "one", ELSEWHERE)
    assert route(school, now) == Route(is_open=False, lack=Lack.VERSION)


def test_the_one_who_can_is_not_buried(school: School, now: datetime) -> None:
    seen(school, now, "one", ELSEWHERE)
    seen(school, now, "two", HERE)
    saved = [school.hand_in(at=now) for _ in range(3)]
    assert [school.parts.store.get(each.id).worker for each in saved] == ["two", "two", None]


@pytest.mark.parametrize(("lack", "what"), [(Lack.SANDBOX, "conv"), (Lack.DATA, "dense")])
def test_who_gave_a_job_back_gets_no_such_job_for_a_while(
    school: School, now: datetime, lack: Lack, what: str
) -> None:
    seen(school, now, "one")
    school.parts.workers.refused("one", "dense", lack, now + 10 * SECOND)
    assert route(school, now, assignment=what) == Route(is_open=False, lack=lack)
    assert route(school, now + 11 * SECOND, assignment=what) == Route()


def test_data_that_is_missing_stops_only_its_own_assignment(school: School, now: datetime) -> None:
    seen(school, now, "one")
    school.parts.workers.refused("one", "dense", Lack.DATA, now + 10 * SECOND)
    assert route(school, now, assignment="conv") == Route()


def test_after_a_fault_it_is_anothers_turn(school: School, now: datetime) -> None:
    seen(school, now, "one")
    seen(school, now, "two")
    saved = school.hand_in(at=now)
    school.parts.recorder.stage(Step(saved.id, 1, Stage.EXTRACT, "one"), now)
    school.parts.recorder.fault(saved.id, 1, "lost", now)
    again = school.parts.store.get(saved.id)
    assert school.parts.workers.route(again, now, school.parts.patience) == Route("two")


@pytest.mark.parametrize("end", ["left", "is_deaf", "died"])
def test_who_is_gone_is_not_counted_until_it_is_there_again(school: School, now: datetime, end: str) -> None:
    seen(school, now, "one", ELSEWHERE)
    getattr(school.parts.workers, end)("one", now)
    assert route(school, now) == Route()
    seen(school, now + SECOND, "one", ELSEWHERE, is_first=True)
    assert route(school, now + SECOND).lack is Lack.VERSION


def test_a_deaf_worker_counts_again_once_it_is_at_work(school: School, now: datetime) -> None:
    seen(school, now, "one", ELSEWHERE)
    school.parts.workers.is_deaf("one", now)
    seen(school, now + SECOND, "one", ELSEWHERE)
    assert route(school, now + SECOND) == Route()
    seen(school, now + SECOND, "one", ELSEWHERE, busy=True)
    assert route(school, now + SECOND).lack is Lack.VERSION


def test_an_idle_worker_whose_lane_waits_is_going_deaf(school: School, now: datetime) -> None:
    patience, workers = school.parts.patience, school.parts.workers
    for seconds in range(0, 80, 5):
        seen(school, now + seconds * SECOND, "one")
    assert workers.going_deaf(now + 76 * SECOND, patience) == []
    school.hand_in(at=now)
    assert list(workers.going_deaf(now + 76 * SECOND, patience)) == ["one"]
    workers.is_deaf("one", now)
    assert workers.going_deaf(now + 76 * SECOND, patience) == []


def test_who_cannot_take_a_job_is_not_deaf_to_it(school: School, now: datetime) -> None:
    """It was offered to another one by name, who is busy with a long job."""
    patience, parts = school.parts.patience, school.parts
    for seconds in range(0, 80, 5):
        seen(school, now + seconds * SECOND, "one", ELSEWHERE)
        seen(school, now + seconds * SECOND, "two", HERE, busy=True)
        if seconds == 0:
            saved = school.hand_in(at=now)
    assert parts.store.get(saved.id).worker == "two"
    moment = now + 76 * SECOND
    assert parts.workers.going_deaf(moment, patience) == []
    assert parts.backlog.unfetched(moment, patience) == []


def test_another_death_is_one_that_was_told_or_a_silence(school: School, now: datetime) -> None:
    workers, patience = school.parts.workers, school.parts.patience
    seen(school, now, "one")
    seen(school, now, "two")
    assert not workers.others_died("one", now - 60 * SECOND, patience, now)
    assert workers.others_died("one", now - SECOND, patience, now + 30 * SECOND), "both fell silent"
    workers.died("two", now)
    assert workers.others_died("one", now - SECOND, patience, now)
    assert not workers.others_died("two", now - SECOND, patience, now)
    assert not workers.others_died("one", now + SECOND, patience, now + SECOND)


def test_a_worker_that_was_long_silent_is_forgotten(school: School, now: datetime) -> None:
    seen(school, now - timedelta(days=8), "old")
    seen(school, now, "new")
    assert school.parts.retention.forget_workers(now) == ["old"]
    assert school.parts.retention.forget_workers(now) == []
