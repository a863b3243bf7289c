from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from grader.db.queries import SORTS, Filter
from grader.domain.course import CountingRule, Role
from grader.domain.errors import Reason
from grader.domain.report import Verdict
from grader.services.ports import Sign

School = Any
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def busy_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the database of `busy` lies, once a test has made it."""
    return tmp_path_factory.mktemp("busy") / "grader.db"


@pytest.fixture
def busy(school: School, busy_template: Path, make_report: Any, now: datetime) -> School:
    """Ada: 4 then 10 points, then bytes; Bob: one waiting for conv."""
    database = school.parts.settings.data_dir / "grader.db"
    if busy_template.exists():
        shutil.copy(busy_template, database)
        return school
    _fill(school, make_report, now)
    school.parts.database.close()  # what is in the log goes into the file
    shutil.copy(database, busy_template)
    return school


def _fill(school: School, make_report: Any, now: datetime) -> None:
    school.grade(school.hand_in("ada", at=now), make_report(Verdict.FAILED, 4.0))
    school.grade(school.hand_in("ada", at=now + MINUTE), make_report())
    school.hand_in("ada", at=now + 2 * MINUTE, data=b"")
    school.hand_in("bob", at=now + 3 * MINUTE, assignment="conv", file_name="bobs_100%.py")


def listed(school: School, **wanted: Any) -> list[tuple[str, str]]:
    page = school.parts.queries.submissions(Filter(**wanted))
    return [(item.student_name, item.verdict or item.state) for item in page.items]


def test_the_newest_come_first(busy: School) -> None:
    assert listed(busy) == [("Bob", "queued"), ("Ada", "invalid"), ("Ada", "passed"), ("Ada", "failed")]


@pytest.mark.parametrize(("viewer", "count"), [("ada", 3), ("bob", 1), ("tess", 4), ("otto", 0), ("root", 0)])
def test_a_viewer_sees_their_own_and_staff_their_course(busy: School, viewer: str, count: int) -> None:
    assert len(listed(busy, viewer=busy.ids[viewer])) == count


@pytest.mark.parametrize(
    ("who", "how"), [("ada", "own"), ("bob", None), ("tess", "staff"), ("otto", None), ("root", "staff")]
)
def test_who_may_see_one(busy: School, who: str, how: str | None) -> None:
    submission = busy.hand_in("ada")
    assert busy.parts.queries.may_see(submission.id, busy.ids[who]) == how
    assert busy.parts.queries.may_see("none", busy.ids[who]) is None


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"assignment": "conv"}, 1),
        ({"verdict": "passed"}, 1),
        ({"state": "queued"}, 1),
        ({"search": "ADA"}, 3),
        ({"search": "100%"}, 1),
        ({"search": "%"}, 1),
        ({"search": "_"}, 1),
        ({"search": "nobody"}, 0),
        ({"search": "'; DROP TABLE users --"}, 0),
    ],
)
def test_lists_are_filtered_and_searched(busy: School, wanted: dict[str, Any], count: int) -> None:
    found = listed(busy, **wanted)
    assert len(found) == count


@pytest.mark.parametrize(
    ("sort", "first"),
    [("score", "invalid"), ("-score", "passed"), ("received", "failed"), ("nonsense", "failed")],
)
def test_lists_are_sorted_by_a_map_only(busy: School, sort: str, first: str) -> None:
    assert listed(busy, sort=sort, student=busy.ids["ada"])[0][1] == first


def test_pages_do_not_overlap(busy: School) -> None:
    pages = [busy.parts.queries.submissions(Filter(page=number, page_size=3)) for number in (1, 2)]
    assert [len(page.items) for page in pages] == [3, 1]
    assert (pages[0].total, pages[0].pages) == (4, 2)
    assert len({item.id for page in pages for item in page.items}) == 4


@pytest.mark.parametrize(("rule", "score"), [(CountingRule.BEST, 10.0), (CountingRule.LAST, 5.0)])
def test_grades_follow_the_rule(
    busy: School, make_report: Any, now: datetime, rule: CountingRule, score: float
) -> None:
    busy.grade(busy.hand_in("ada", at=now + 5 * MINUTE), make_report(Verdict.FAILED, 5.0))
    busy.grade(busy.hand_in("ada", at=now + 6 * MINUTE), make_report(Verdict.GRADER_ERROR, None))
    busy.grade(busy.hand_in("ada", at=now + 7 * MINUTE), make_report(Verdict.INVALID, 0.0, Reason.BAD_UPLOAD))
    lines = {
        (line.student_name, line.assignment): line for line in busy.parts.queries.grades(busy.course, rule)
    }
    assert lines["Ada", "dense"].score == score
    assert lines["Ada", "dense"].tries == 6
    assert lines["Bob", "conv"].score is None


def test_the_worker_is_as_old_as_its_last_word(school: School, now: datetime) -> None:
    assert school.parts.queries.worker_age(now) is None
    school.parts.workers.seen(Sign("w", "grading", False), now)
    assert school.parts.queries.worker_age(now + MINUTE) == 60.0


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("search", ["", "example.edu"])
def test_every_order_goes_through_all_once(busy: School, sort: str, sign: str, search: str) -> None:
    pages = [
        busy.parts.queries.submissions(Filter(sort=sign + sort, search=search, page=number, page_size=1))
        for number in range(1, 6)
    ]
    assert [page.total for page in pages[:4]] == [4] * 4
    assert [len(page.items) for page in pages] == [1, 1, 1, 1, 0]
    assert len({item.id for page in pages for item in page.items}) == 4


@pytest.mark.parametrize("search", ["", "example.edu"])
@pytest.mark.parametrize(("sort", "scores"), [("score", [0, 4, 10, None]), ("-score", [10, 4, 0, None])])
def test_what_has_no_score_comes_last(busy: School, sort: str, scores: list[Any], search: str) -> None:
    page = busy.parts.queries.submissions(Filter(sort=sort, search=search))
    assert [item.score for item in page.items] == scores
    last = busy.parts.queries.submissions(Filter(sort=sort, search=search, page=2, page_size=3))
    assert [item.score for item in last.items] == scores[3:]


def test_beyond_the_last_page_the_count_is_told_all_the_same(busy: School) -> None:
    for search in ("", "bob"):
        assert busy.parts.queries.submissions(Filter(search=search, page=99)).total == (1 if search else 4)


def test_who_helps_in_one_course_sees_their_own_in_another(busy: School, now: datetime) -> None:
    busy.parts.courses.set_role(busy.course, busy.ids["ada"], Role.TA)
    other = busy.parts.courses.add_course("third", "Third", "CODE3", CountingRule.BEST, ["dense"])
    busy.parts.courses.set_role(other.id, busy.ids["ada"], Role.STUDENT)
    elsewhere = replace(busy, course=other.id).hand_in("ada", at=now)
    hers = busy.parts.queries.submissions(Filter(viewer=busy.ids["ada"]))
    assert hers.total == 5
    in_other = busy.parts.queries.submissions(Filter(viewer=busy.ids["ada"], course=other.id))
    assert [item.id for item in in_other.items] == [elsewhere.id]
    assert listed(busy, viewer=busy.ids["bob"], course=other.id) == []


def test_a_search_for_what_many_have_finds_them_all(busy: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.db.finding.FEW", 0)
    assert len(listed(busy, search="ada")) == 3
    assert len(listed(busy, search="100%")) == 1


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({"course": "c"}, "ix_submissions_course_received"),
        ({"course": "c", "sort": "-score"}, "ix_submissions_course_score"),
        ({"course": "c", "verdict": "grader_error"}, "ix_submissions_course_verdict"),
        ({"student": "s"}, "ix_submissions_student"),
        ({"course": "c", "search": "hw"}, "ix_submissions_course_file_name"),
        ({"sort": "-received"}, "ix_submissions_received"),
    ],
)
def test_large_lists_use_an_index(school: School, wanted: dict[str, Any], index: str) -> None:
    plans = []

    def explain(connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            plans.extend(connection.connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall())

    event.listen(school.parts.database.engine, "before_cursor_execute", explain)
    school.parts.queries.submissions(Filter(**wanted))
    event.remove(school.parts.database.engine, "before_cursor_execute", explain)
    assert any(index in row[3].split() for row in plans), plans
