from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from grader.db.queries import Filter, _matching, _sorted
from grader.domain.course import CountingRule
from grader.domain.errors import Reason
from grader.domain.report import Verdict

School = Any
MINUTE = timedelta(minutes=1)


@pytest.fixture
def busy(school: School, make_report: Any, now: datetime) -> School:
    """Ada: 4 then 10 points, then bytes; Bob: one waiting for conv."""
    school.grade(school.hand_in("ada", at=now), make_report(Verdict.FAILED, 4.0))
    school.grade(school.hand_in("ada", at=now + MINUTE), make_report())
    school.hand_in("ada", at=now + 2 * MINUTE, data=b"")
    school.hand_in("bob", at=now + 3 * MINUTE, assignment="conv", file_name="bobs_100%.py")
    return school


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
    school.parts.store.worker_seen("w", "grading", busy=False, now=now)
    assert school.parts.queries.worker_age(now + MINUTE) == 60.0


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({"course": "c"}, "ix_submissions_course_received"),
        ({"course": "c", "sort": "-score"}, "ix_submissions_course_score"),
        ({"course": "c", "verdict": "grader_error"}, "ix_submissions_course_verdict"),
        ({"student": "s"}, "ix_submissions_student"),
    ],
)
def test_large_lists_use_an_index(school: School, wanted: dict[str, Any], index: str) -> None:
    query = _sorted(_matching(Filter(**wanted)), str(wanted.get("sort", "-received"))).limit(50)
    with school.parts.database.read() as session:
        compiled = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = session.execute(text(f"EXPLAIN QUERY PLAN {compiled}")).all()
    assert any(index in row[3] for row in plan), plan
