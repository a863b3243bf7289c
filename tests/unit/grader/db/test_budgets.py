"""Who has used the slow lane much comes after the others, and is refused by nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from grader.db import budgets
from grader.db.guard_tables import TallyRow
from grader.domain.report import PartReport, Report, Verdict
from grader.domain.submission import Stage
from grader.domain.training import SeededRun, TrainingRun
from grader.services.ports import Patience, Sign, Step, Submission
from grader.services.regrade import regrade

School = Any
MakeReport = Callable[..., Report]
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
RUN = SeededRun(0, 1, {"loss": (1.0,)})


@pytest.fixture
def late(now: datetime) -> datetime:
    """When the queue is looked at; budgets count from an hour before."""
    return now + 30 * MINUTE


def slow(school: School, who: str, at: datetime, **more: object) -> Submission:
    """A submission that the quick lane has just given up."""
    saved: Submission = school.hand_in(who, at=at, **more)
    school.parts.recorder.slow(saved.id, school.parts.store.get(saved.id).attempt, at)
    return saved


def begin(school: School, saved: Submission, at: datetime) -> None:
    attempt = school.parts.store.get(saved.id).attempt
    assert school.parts.recorder.stage(Step(saved.id, attempt, Stage.EXTRACT), at)


def end(school: School, saved: Submission, report: Report, at: datetime) -> None:
    attempt = school.parts.store.get(saved.id).attempt
    assert school.parts.store.save_report(saved.id, attempt, report, at)


def use(school: School, who: str, seconds: float, report: Report, until: datetime) -> Submission:
    """A run in the slow lane that took so long and ended at that moment."""
    start = until - seconds * SECOND
    saved = slow(school, who, start)
    begin(school, saved, start)
    end(school, saved, report, until)
    return saved


def over(school: School, now: datetime, budget: float = 900.0) -> list[str]:
    with school.parts.database.read() as session:
        people = budgets.over_budget(session, now, budget)
    names = {number: name for name, number in school.ids.items()}
    return sorted(names[student] for _, student in people)


def trained(report: Report, *known: bool) -> Report:
    """The report of parts that were trained for, or whose runs were known."""
    parts = tuple(
        PartReport(f"p{at}", "f", training=TrainingRun((RUN,), cached=cached, seconds=800.0))
        for at, cached in enumerate(known)
    )
    return replace(report, parts=parts)


def served(school: School, now: datetime, *waiting: Submission) -> list[int]:
    """In which order one worker is sent these, by their places in the call; each is graded at once."""
    order = []
    for _ in waiting:
        school.parts.workers.seen(Sign("w", "slow", False), now)
        school.parts.dispatcher.admit(now)
        (sent,) = [
            place
            for place, each in enumerate(waiting)
            if place not in order and school.parts.store.get(each.id).dispatched_at
        ]
        end(school, waiting[sent], Report.fault("dense", "v", 10.0), now)
        order.append(sent)
    return order


def occupied(school: School, who: str, at: datetime) -> Submission:
    """Somebody's job that the only worker has, so that others wait."""
    saved = slow(school, who, at)
    begin(school, saved, at)
    return saved


def test_who_used_much_comes_after_those_who_have_not(
    school: School, make_report: MakeReport, late: datetime
) -> None:
    use(school, "ada", 901, make_report(), late)
    first = occupied(school, "tess", late)
    waiting = [
        slow(school, who, late + at * SECOND) for at, who in enumerate(("ada", "ada", "bob", "tess"), 1)
    ]
    places = [
        school.parts.lanes.outlook(school.parts.store.get(each.id), late, school.parts.patience).position
        for each in waiting
    ]
    assert places == [3, 4, 1, 2]
    end(school, first, make_report(), late)
    assert served(school, late + 9 * SECOND, *waiting) == [2, 3, 0, 1]


def test_nobody_is_over_before_the_budget_is_used_up(
    school: School, make_report: MakeReport, late: datetime
) -> None:
    use(school, "ada", 900, make_report(), late)
    assert over(school, late) == []
    waiting = [slow(school, who, late + at * SECOND) for at, who in enumerate(("ada", "bob"))]
    assert served(school, late + 9 * SECOND, *waiting) == [0, 1]
    use(school, "ada", 1, make_report(), late + MINUTE)
    assert over(school, late + MINUTE) == ["ada"]


def test_alone_they_go_at_once(school: School, make_report: MakeReport, late: datetime) -> None:
    use(school, "ada", 3000, make_report(), late)
    waits = slow(school, "ada", late)
    assert school.parts.store.get(waits.id).dispatched_at == late


def test_after_an_hour_it_is_forgotten(school: School, make_report: MakeReport, late: datetime) -> None:
    use(school, "ada", 901, make_report(), late)
    assert over(school, late + 60 * MINUTE - SECOND) == ["ada"]
    assert over(school, late + 60 * MINUTE) == []
    assert school.parts.retention.prune(late + 61 * MINUTE)["counts that ran out"] == 1


def test_what_runs_now_counts(school: School, late: datetime) -> None:
    occupied(school, "ada", late)
    assert over(school, late + 900 * SECOND) == []
    assert over(school, late + 901 * SECOND) == ["ada"]


def test_known_runs_cost_nothing(school: School, make_report: MakeReport, late: datetime) -> None:
    """However long a twin waited for them; one run that was trained makes it count."""
    use(school, "ada", 2000, trained(make_report(), True, True), late)
    use(school, "bob", 2000, trained(make_report(), True, False), late)
    assert over(school, late) == ["bob"]


def test_whatever_came_of_it_counts(school: School, make_report: MakeReport, late: datetime) -> None:
    """A network that ends its trainer each time takes a worker's time each time."""
    use(school, "ada", 901, Report.fault("dense", "v", 10.0), late)
    use(school, "bob", 901, make_report(Verdict.FAILED, 0.0), late)
    assert over(school, late) == ["ada", "bob"]


def test_the_quick_lane_costs_nothing(school: School, make_report: MakeReport, late: datetime) -> None:
    saved = school.hand_in("ada", at=late)
    begin(school, saved, late)
    end(school, saved, make_report(), late + 1000 * SECOND)
    assert over(school, late + 1000 * SECOND) == []


def test_being_graded_again_costs_nothing_and_keeps_its_place(
    school: School, make_report: MakeReport, late: datetime
) -> None:
    """It comes after all new ones, also after those whose students are over their budgets."""
    old = use(school, "bob", 901, make_report(), late - 2 * 60 * MINUTE)
    use(school, "ada", 901, make_report(), late)
    first = occupied(school, "tess", late)
    regrade(old.id, school.ids["tess"], "", school.parts.dispatcher, late)
    school.parts.recorder.slow(old.id, school.parts.store.get(old.id).attempt, late)
    new = slow(school, "ada", late + SECOND)
    end(school, first, make_report(), late)
    assert served(school, late + 9 * SECOND, old, new) == [1, 0]
    assert over(school, late) == ["ada"]


def test_each_course_has_its_own(school: School, make_report: MakeReport, late: datetime) -> None:
    use(school, "ada", 901, make_report(), late)
    with school.parts.database.read() as session:
        assert budgets.over_budget(session, late, 900.0) == [(school.course, school.ids["ada"])]


def test_two_runs_that_end_at_once_are_two(school: School, make_report: MakeReport, late: datetime) -> None:
    for _ in range(2):
        use(school, "ada", 451, make_report(), late)
    assert over(school, late) == ["ada"]


def test_without_a_budget_all_come_in_turn(school: School, make_report: MakeReport, late: datetime) -> None:
    use(school, "ada", 3000, make_report(), late)
    assert over(school, late, budget=0) == []
    assert school.parts.patience == Patience(hourly_budget=900)


def test_many_that_are_graded_again_keep_no_new_one_waiting(
    school: School, make_report: MakeReport, late: datetime
) -> None:
    old = [use(school, "bob", 5, make_report(), late - 9 * MINUTE) for _ in range(3)]
    first = occupied(school, "tess", late)
    for each in old:
        regrade(each.id, school.ids["tess"], "", school.parts.dispatcher, late)
    new = slow(school, "ada", late)
    end(school, first, make_report(), late)
    school.parts.dispatcher.admit(late + SECOND)
    assert school.parts.store.get(new.id).dispatched_at


def test_it_is_found_by_an_index(school: School, late: datetime) -> None:
    plans = []

    def explain(connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        plans.extend(connection.connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall())

    engine = school.parts.database.engine
    event.listen(engine, "before_cursor_execute", explain)
    over(school, late)
    event.remove(engine, "before_cursor_execute", explain)
    assert [row[3].split()[:5] for row in plans] == [
        ["SEARCH", "tallies", "USING", "INDEX", "ix_tallies_expires_at"],
        ["SEARCH", "submissions", "USING", "INDEX", "ix_submissions_queue"],
    ]


def test_it_goes_with_who_is_forgotten(school: School, make_report: MakeReport, late: datetime) -> None:
    use(school, "ada", 901, make_report(), late)
    school.parts.erasures.forget(school.ids["ada"], "root", "asked for it", late)
    with school.parts.database.read() as session:
        assert not session.scalars(select(TallyRow)).all()
