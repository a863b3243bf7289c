"""The course as its staff see it: every submission, what went wrong on our side, and the grades."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from grader.db.columns import utc_now
from grader.db.queries import Filter, GradeLine, Listed
from grader.domain.assignment import Assignment
from grader.domain.course import CountingRule, Role
from grader.domain.report import Verdict
from grader.domain.submission import State
from grader.messages import render
from grader.services.ports import Course, User
from grader.services.regrade import regrade
from grader.spreadsheet import safe_cell
from grader.web.access import staff_course_for
from grader.web.auth import signed_in
from grader.web.current import language, wiring
from grader.web.limits import EXPORTS, spend
from grader.web.words import N_, _

pages = Blueprint("dashboard", __name__)

MOST_CHANGES = 50
COLUMNS = (
    ("student", N_("Student")),
    ("assignment", N_("Exercise")),
    ("received", N_("Received")),
    ("verdict", N_("Verdict")),
    ("score", N_("Score")),
)


@pages.get("/courses/<course>/dashboard")
@signed_in
def submissions(user: User, course: str) -> str:
    """All submissions: search, filter, sort, page."""
    found = staff_course_for(user, course)
    wanted = _wanted(found, request.args)
    page = wiring().queries.submissions(wanted)
    broken = wiring().queries.submissions(_broken(found, page_size=1))
    return render_template(
        "dashboard.html",
        course=found,
        page=page,
        wanted=wanted,
        columns=[(key, _(name)) for key, name in COLUMNS],
        verdicts=[verdict.value for verdict in Verdict],
        assignments=wiring().courses.assignments(found.id),
        has_students=Role.STUDENT in wiring().courses.headcounts().get(found.id, {}),
        shown=_shown(found),
        broken=broken.total,
        disagreeing=wiring().canaries.disagreeing(utc_now()),
        held=wiring().outgoing.held(),
        changes=wiring().courses.changes(found.id)[:MOST_CHANGES],
        first_line=_first_line,
        link=lambda **changes: url_for(
            "dashboard.submissions", course=course, **_query(request.args, changes)
        ),
    )


@pages.get("/courses/<course>/grades.csv")
@signed_in
def grades(user: User, course: str) -> Response:
    """One row for each student, one column for each exercise; `?rule=best|last` overrides the course's own."""
    found = staff_course_for(user, course)
    spend(EXPORTS, user.id)
    asked = request.args.get("rule")
    rule = CountingRule(asked) if asked in {each.value for each in CountingRule} else found.rule
    assignments = list(wiring().courses.assignments(found.id))
    text = grade_table(list(wiring().queries.grades(found.id, rule)), assignments)
    answer = Response("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="grades-{found.slug}-{rule.value}.csv"'
    return answer


@pages.post("/courses/<course>/regrade-errors")
@signed_in
def grade_errors_again(user: User, course: str) -> AnyResponse:
    """Grade everything again that ended in a grader error."""
    found = staff_course_for(user, course)
    for submission in wiring().queries.ids(_broken(found)):
        regrade(submission, user.id, "after a grader error", wiring().dispatcher, utc_now())
    return redirect(url_for("dashboard.submissions", course=course))


def grade_table(lines: list[GradeLine], assignments: list[str]) -> str:
    """CSV for people: every text is safe from being taken for a formula."""
    by_student: dict[str, dict[str, GradeLine]] = {}
    for line in lines:
        by_student.setdefault(line.student, {})[line.assignment] = line
    out = io.StringIO()
    rows = csv.writer(out, quoting=csv.QUOTE_ALL)
    rows.writerow(["name", "email", *assignments, "total"])
    for graded in by_student.values():
        someone = next(iter(graded.values()))
        scores = [graded[slug].score if slug in graded else None for slug in assignments]
        cells = ["" if score is None else f"{score:g}" for score in scores]
        total = sum(score for score in scores if score is not None)
        rows.writerow(
            [safe_cell(someone.student_name), safe_cell(someone.student_email), *cells, f"{total:g}"]
        )
    return out.getvalue()


def _wanted(course: Course, asked: Mapping[str, str]) -> Filter:
    page = asked.get("page", "1")
    return Filter(
        course=course.id,
        assignment=asked.get("assignment") or None,
        verdict=asked.get("verdict") or None,
        state=asked.get("state") or None,
        cause=asked.get("cause") or None,
        search=asked.get("search", "")[:200],
        sort=asked.get("sort", "-received"),
        page=int(page) if page.isdecimal() and len(page) < 7 else 1,  # noqa: PLR2004 - a million pages
    )


def _broken(course: Course, page_size: int = 50) -> Filter:
    """What ended in a grader error and is not being graded again."""
    return Filter(
        course=course.id, verdict=Verdict.GRADER_ERROR.value, state=State.DONE.value, page_size=page_size
    )


def _query(asked: Mapping[str, str], changes: Mapping[str, Any]) -> dict[str, Any]:
    known = ("assignment", "verdict", "state", "cause", "search", "sort", "page")
    kept: dict[str, Any] = {name: asked[name] for name in known if asked.get(name)}
    return {name: value for name, value in (kept | dict(changes)).items() if value}


def _shown(course: Course) -> list[Assignment]:
    """The exercises that students of a course see, in its order."""
    known = wiring().shelf.assignments
    return [known[slug] for slug in wiring().courses.assignments(course.id) if slug in known]


def _first_line(item: Listed) -> str:
    """Praise, or the line that says what is wrong: the first two lines of a pass, the second of the others."""
    lines = [render(line, language()).splitlines()[0] for line in item.feedback[:2]]
    return " ".join(lines) if item.verdict is Verdict.PASSED else "".join(lines[-1:])
