"""Counters that every process shares."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from grader.db.columns import utc_now
from grader.db.counts import FAULTS, GRADER_ERRORS, count_attempt
from grader.db.tallies import window_start
from grader.domain.report import PartReport, Report, Timings, Verdict
from grader.domain.submission import Stage
from grader.domain.training import TrainingRun
from grader.services.ports import Step

School = Any
MINUTE = timedelta(minutes=1)


def graded(school: School, report: Report, now: datetime) -> Any:
    saved = school.hand_in(at=now)
    school.parts.recorder.stage(Step(saved.id, school.parts.store.get(saved.id).attempt, Stage.EXTRACT), now)
    school.grade(saved, report, now)
    return saved


def trained(report: Report, **timings: float) -> Report:
    parts = [
        PartReport("model", "build_model", training=TrainingRun((), cached=kept)) for kept in (True, False)
    ]
    return replace(report, parts=(*parts, parts[0]), timings=Timings(**timings))


def test_a_report_counts_with_its_verdict_its_trainings_and_its_times(
    school: School, make_report: Any, now: datetime
) -> None:
    for seconds in (0.2, 0.3):
        graded(school, trained(make_report(), extract_s=seconds, train_s=7200.0, total_s=-1.0), now)
    told = school.parts.counts.all()
    assert told["reports", "quick,passed"] == 2
    assert (told["trainings", "kept"], told["trainings", "fresh"]) == (4, 2)
    assert (told["stages", "quick,extract,0.25"], told["stages", "quick,extract,0.5"]) == (1, 1)
    assert told["stages", "quick,extract,sum"] == pytest.approx(0.5)
    assert told["stages", "quick,train,inf"] == 2
    assert told["stages", "quick,total,sum"] == 0


def test_what_no_worker_had_has_a_verdict_and_no_times(school: School, make_report: Any) -> None:
    school.hand_in(data=b"")
    assert school.parts.counts.all() == {("reports", "quick,invalid"): 1}


def test_a_report_that_comes_twice_counts_once(school: School, make_report: Any, now: datetime) -> None:
    saved = graded(school, make_report(), now)
    assert not school.parts.recorder.report(saved.id, 1, make_report(), now)
    assert school.parts.counts.all()["reports", "quick,passed"] == 1


def test_faults_and_losses_count_in_all_and_for_an_hour(school: School, now: datetime) -> None:
    recorder, store = school.parts.recorder, school.parts.store
    saved, at = school.hand_in(at=now), utc_now()
    recorder.fault(saved.id, 1, "no sandbox", at)
    recorder.fault(saved.id, 1, "an attempt that is over", at)
    school.parts.dispatcher.dispatch(store.get(saved.id), at)
    recorder.slow(saved.id, 2, at)
    for _ in range(3):
        recorder.loss(store.get(saved.id), at)
    assert store.get(saved.id).verdict is Verdict.GRADER_ERROR
    told = school.parts.counts.all()
    assert (told["faults", "quick"], told["losses", "slow"], told["reports", "slow,grader_error"]) == (
        1,
        3,
        1,
    )
    for minutes, number in ((0, 1), (55, 1), (66, 0)):
        last = school.parts.counts.last_hour(window_start(at, 5 * MINUTE) + minutes * MINUTE)
        assert last == {"faults": number, "losses": 3 * number, GRADER_ERRORS: number}


def test_a_change_that_is_not_kept_is_not_counted(school: School, now: datetime) -> None:
    def change() -> None:
        with school.parts.database.write() as session:
            count_attempt(session, FAULTS, "grading", now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()
    assert school.parts.counts.all() == {}
