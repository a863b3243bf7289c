from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from grader.domain.course import CountingRule, Role
from grader.domain.errors import Reason
from grader.domain.report import Verdict
from grader.domain.training import PlanName
from grader.services.counting import Try, counting
from grader.services.courses import (
    CourseError,
    create_course,
    import_roster,
    join_by_code,
    read_roster,
)
from grader.wiring import Wiring

School = Any


def test_a_course_has_its_assignments_in_order(parts: Wiring) -> None:
    made = create_course(parts.courses, "keras", "", CountingRule.LAST, ["conv", "dense"])
    assert (made.title, made.rule, len(made.join_code)) == ("keras", CountingRule.LAST, 8)
    assert parts.courses.assignments(made.id) == ["conv", "dense"]
    parts.courses.set_assignments(made.id, ["dense"])
    assert parts.courses.assignments(made.id) == ["dense"]
    with pytest.raises(CourseError, match="already"):
        create_course(parts.courses, "keras", "", CountingRule.LAST, [])


def test_an_assignment_that_stays_on_the_list_keeps_its_plan(parts: Wiring) -> None:
    made = create_course(parts.courses, "keras", "", CountingRule.LAST, ["conv", "dense"])
    assert parts.courses.plans(made.id) == {"conv": PlanName.CLASS, "dense": PlanName.CLASS}
    assert parts.courses.set_plan(made.id, "dense", PlanName.DOCUMENT)
    assert not parts.courses.set_plan(made.id, "nonsense", PlanName.DOCUMENT)
    parts.courses.set_assignments(made.id, ["dense", "pool", "conv", "dense"])
    assert list(parts.courses.plans(made.id).items()) == [
        ("dense", PlanName.DOCUMENT),
        ("pool", PlanName.CLASS),
        ("conv", PlanName.CLASS),
    ]
    assert parts.store.plan(made.id, "dense") is PlanName.DOCUMENT
    assert parts.store.plan(made.id, "nonsense") is PlanName.CLASS


@pytest.mark.parametrize("slug", ["", "Keras", "a b", "-a", "../x", "a" * 65])
def test_a_bad_course_name(parts: Wiring, slug: str) -> None:
    with pytest.raises(CourseError):
        create_course(parts.courses, slug, "", CountingRule.BEST, [])


def test_a_title_is_bounded(parts: Wiring) -> None:
    create_course(parts.courses, "long", "x" * 200, CountingRule.BEST, [])
    with pytest.raises(CourseError, match="200"):
        create_course(parts.courses, "longer", "x" * 201, CountingRule.BEST, [])


def test_joining_by_code_makes_students_and_demotes_nobody(school: School) -> None:
    courses, ids = school.parts.courses, school.ids
    join_by_code(courses, ids["otto"], " joincode ")
    join_by_code(courses, ids["tess"], "JOINCODE")
    assert courses.role(school.course, ids["otto"]) is Role.STUDENT
    assert courses.role(school.course, ids["tess"]) is Role.TA
    with pytest.raises(CourseError):
        join_by_code(courses, ids["otto"], "WRONG")


def test_a_roster_is_read() -> None:
    roster = read_roster('\ufeffEmail,Name,Role\nada@x.edu,"L, Ada",\n\nTess@X.edu,Tess,TA\n'.encode())
    assert roster.errors == ()
    assert [(one.line, one.email, one.name, one.role) for one in roster.people] == [
        (2, "ada@x.edu", "L, Ada", Role.STUDENT),
        (4, "tess@x.edu", "Tess", Role.TA),
    ]


def test_a_rosters_faults_are_named_by_line() -> None:
    roster = read_roster(
        b"email,name,role\nnobody,N,student\nada@x.edu,A,king\nada@x.edu,A\nb@x.edu,B,\nb@x.edu,B,\n"
    )
    assert [line for line, _ in roster.errors] == [2, 3, 4, 6]
    assert "king" in roster.errors[1][1]
    assert "line 5" in roster.errors[3][1]


@pytest.mark.parametrize(
    "data", [b"", b"name,email\n", b"email,shoe size\n", b"\xff\xfe\x00", b"x" * 3_000_000]
)
def test_what_is_no_roster_has_an_error_on_line_one(data: bytes) -> None:
    assert [line for line, _ in read_roster(data).errors] == [1]


def test_an_import_gives_links_to_who_needs_one(school: School, now: datetime) -> None:
    parts = school.parts
    parts.accounts.store.set_password_hash(school.ids["bob"], "hash")
    roster = read_roster(b"email,name,role\nbob@example.edu,Other Name,ta\nnew@x.edu,New,\n")
    bob, new = import_roster(parts.courses, parts.accounts, school.course, roster.people, now)
    assert (bob.user.display_name, bob.link) == ("Bob", None)
    assert parts.courses.role(school.course, bob.user.id) is Role.TA
    assert new.link is not None
    found = parts.accounts.use_link(new.link, now)
    assert found is not None
    assert found[0].email == "new@x.edu"


def attempt(number: int, score: float | None, reason: Reason | None = None) -> Try:
    moment = datetime.fromisoformat("2026-01-01T00:00:00+00:00") + timedelta(minutes=number)
    return Try(str(number), moment, Verdict.FAILED, reason, score)


@pytest.mark.parametrize(
    ("tries", "best", "last"),
    [
        ([], None, None),
        ([attempt(1, None)], None, None),
        ([attempt(1, 0.0, Reason.BAD_UPLOAD)], None, None),
        ([attempt(1, 4.0), attempt(2, 9.0), attempt(3, 6.0)], "2", "3"),
        ([attempt(1, 9.0), attempt(2, None), attempt(3, 0.0, Reason.BAD_UPLOAD)], "1", "1"),
        ([attempt(1, 9.0), attempt(2, 0.0, Reason.BAD_CODE)], "1", "2"),
        ([attempt(1, 5.0), attempt(2, 5.0)], "2", "2"),
    ],
)
def test_which_attempt_counts(tries: list[Try], best: str | None, last: str | None) -> None:
    for rule, wanted in ((CountingRule.BEST, best), (CountingRule.LAST, last)):
        found = counting(tries, rule)
        assert (None if found is None else found.submission) == wanted


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("x" * 256, "255 letters"),
        ("A\0B", "no NUL"),
        ("x" * 200_000, "too long"),
        ('"' + "x" * 200_000, "too long"),
    ],
)
def test_a_name_that_no_database_takes_is_a_wrong_line(name: str, says: str) -> None:
    roster = read_roster(f"email,name,role\nbob@x.edu,Bob,\nada@x.edu,{name},\n".encode())
    ((line, words),) = roster.errors
    assert line >= 3
    assert says in words


def test_a_name_stands_on_one_line() -> None:
    (one,) = read_roster(b'email,name\nada@x.edu,"Ada\r\n  Lovelace"\n').people
    assert one.name == "Ada Lovelace"
