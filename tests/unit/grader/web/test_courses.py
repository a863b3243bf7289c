"""What an administrator sees first, and the form that opens a course."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from grader.domain.course import CountingRule, Role
from grader.language import catalogue
from tests.school import CHEAP, PASSWORD

School = Any
Browser = Any
FORM = {"title": "Deep learning", "slug": "deep-2026", "rule": "last"}


@pytest.fixture
def root(browser: Browser) -> Browser:
    browser.sign_in("root")
    return browser


@pytest.fixture
def empty(browser: Browser, school: School, template: Path) -> Browser:
    """The administrator of a server without any course."""
    shutil.copy(template, school.parts.settings.data_dir / "grader.db")
    hashed = CHEAP.hash(PASSWORD)
    made = school.parts.accounts.store.add_user("root@example.edu", "Root", hashed, is_admin=True)
    school.ids = {"root": made.id}
    browser.sign_in("root")
    return browser


def rows(page: str) -> list[list[str]]:
    """The cells of the list of courses, without their markup."""
    found = re.findall(r"<tr>(.*?)</tr>", page.partition("<tbody>")[2], re.DOTALL)
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)]
        for row in found
    ]


def test_an_administrator_sees_every_course_with_its_people(root: Browser) -> None:
    page = root.client.get("/").text
    assert rows(page) == [["Keras", "keras", "2", "1"], ["Other", "other", "0", "1"]]
    for course in ("keras", "other"):
        assert f'href="/courses/{course}/dashboard"' in page
        assert root.client.get(f"/courses/{course}/dashboard").status_code == 200
    assert "You are in no course yet" not in page
    assert 'action="/join"' not in page


@pytest.mark.parametrize("who", ["ada", "tess", "otto"])
def test_nobody_else_sees_every_course_or_the_form(browser: Browser, who: str) -> None:
    browser.sign_in(who)
    page = browser.client.get("/").text
    assert rows(page) == []
    assert 'action="/courses"' not in page
    refused = browser.post("/courses", form_at="/account", **FORM)
    assert refused.status_code == 403
    assert "administrators" in refused.text


def test_an_administrators_own_courses_come_first(root: Browser, school: School) -> None:
    school.parts.courses.set_role(school.course, school.ids["root"], Role.TEACHER)
    page = root.client.get("/").text
    assert "<h1>Your courses</h1>" in page
    assert page.index('href="/courses/keras/dense"') < page.index("<h2>Every course</h2>")
    assert rows(page)[0] == ["Keras", "keras", "2", "2"]


def test_the_first_course_takes_one_step(empty: Browser, school: School) -> None:
    assert "<h1>Open the first course</h1>" in empty.client.get("/").text
    made = empty.post("/courses", form_at="/", **FORM)
    assert (made.status_code, made.headers["Location"]) == (302, "/courses/deep-2026/dashboard")
    course = school.parts.courses.course("deep-2026")
    assert (course.title, course.rule) == ("Deep learning", CountingRule.LAST)
    assert list(school.parts.courses.assignments(course.id)) == list(school.parts.shelf.assignments)
    page = empty.client.get(made.headers["Location"]).text
    assert "What comes next" in page
    assert "grader course import deep-2026 roster.csv" in page
    assert f"<code>{course.join_code}</code>" in page.partition("What comes next")[2]
    assert 'href="/courses/deep-2026/dense"' in page
    assert empty.client.get("/courses/deep-2026/dense").status_code == 200


def test_who_opens_and_looks_at_a_course_is_none_of_its_people(empty: Browser, school: School) -> None:
    empty.post("/courses", form_at="/", **FORM)
    for path in ("/", "/courses/deep-2026/dashboard", "/courses/deep-2026/dense"):
        assert empty.client.get(path).status_code == 200
    course = school.parts.courses.course("deep-2026")
    assert school.parts.courses.role(course.id, school.ids["root"]) is None
    assert school.parts.courses.headcounts() == {}
    assert school.parts.courses.changes(course.id) == []


def test_what_comes_next_goes_when_a_student_comes(root: Browser, school: School) -> None:
    other = school.parts.courses.course("other").id
    assert "What comes next" in root.client.get("/courses/other/dashboard").text
    school.parts.courses.set_role(other, school.ids["ada"], Role.STUDENT)
    assert "What comes next" not in root.client.get("/courses/other/dashboard").text


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("title", "", "Give the course a title"),
        ("title", "x" * 201, "200 characters at most"),
        ("slug", "", "is no course name"),
        ("slug", "Deep Learning!", "is no course name"),
        ("slug", "keras", "There is a course keras already."),
        ("slug", '"><script>alert(1)</script>', "is no course name"),
    ],
)
def test_an_error_stands_beside_its_field(
    root: Browser, school: School, field: str, text: str, told: str
) -> None:
    before = school.parts.courses.courses()
    answer = root.post("/courses", form_at="/", **(FORM | {field: text}))
    assert answer.status_code == 422
    beside = re.findall(rf'<p class="wrong" id="wrong-{field}">([^<]*)</p>', answer.text)
    assert len(beside) == 1
    assert told in beside[0]
    assert answer.text.count('class="wrong"') == answer.text.count("aria-invalid") == 1
    assert '<details class="card" open>' in answer.text
    kept = (FORM | {field: ""}).values()
    assert all(f'value="{each}"' in answer.text for each in kept if each)
    assert '<option value="last" selected>' in answer.text
    assert "<script>alert" not in answer.text
    assert school.parts.courses.courses() == before


def test_a_rule_that_is_none_is_the_best_attempt(root: Browser, school: School) -> None:
    root.post("/courses", form_at="/", **(FORM | {"rule": "median"}))
    assert school.parts.courses.course("deep-2026").rule is CountingRule.BEST


def test_the_form_speaks_chinese(empty: Browser) -> None:
    heading = catalogue("zh").gettext("Open the first course")
    assert heading != "Open the first course"
    assert heading in empty.client.get("/?lang=zh").text
    answer = empty.post("/courses?lang=zh", form_at="/", **(FORM | {"slug": "A"}))
    assert "不能作为课程名" in answer.text


def test_a_wrong_code_leaves_the_courses_on_the_page(browser: Browser) -> None:
    browser.sign_in("ada")
    answer = browser.post("/join", form_at="/", code="wrong")
    assert "/courses/keras/dense" in answer.text
    assert "No course has that code." in answer.text
