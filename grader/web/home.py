"""Where somebody stands: their courses, each with its exercises and the score that counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grader.db.queries import GradeLine
from grader.domain.assignment import Assignment
from grader.services.courses import CourseError, join_by_code
from grader.services.ports import Course, User
from grader.web.auth import signed_in
from grader.web.current import language, wiring
from grader.web.limits import JOINING, spend
from grader.web.words import told

pages = Blueprint("home", __name__)


@dataclass(frozen=True)
class Exercise:
    """One line of a course: an assignment, what it is worth, and where this person stands."""

    assignment: Assignment
    title: str
    max_score: float
    grade: GradeLine | None


@dataclass(frozen=True)
class Card:
    """One course on the first page."""

    course: Course
    is_staff: bool
    exercises: tuple[Exercise, ...]


@dataclass(frozen=True)
class Line:
    """One course as administrators see it, with how many people it has."""

    course: Course
    students: int
    staff: int


@pages.get("/")
@signed_in
def index(user: User) -> str:
    """The courses of whoever is signed in; for administrators every course of this server, too."""
    return first_page(user)


@pages.post("/join")
@signed_in
def join(user: User) -> str | Response | tuple[str, int]:
    """Become a student of the course with this join code."""
    spend(JOINING, user.id)
    try:
        join_by_code(wiring().courses, user.id, request.form.get("code", ""))
    except CourseError as error:
        return first_page(user, error=told(error)), 422
    return redirect(url_for("home.index"))


def first_page(user: User, **more: Any) -> str:
    """The page, with what else its template may be told: `error`, or `asked` and `wrong` of the form for a course."""
    memberships = wiring().courses.memberships(user.id)
    cards = [Card(one.course, one.role.is_staff, exercises(one.course, user)) for one in memberships]
    every = every_course() if user.is_admin else ()
    return render_template("home.html", user=user, cards=cards, every=every, **({"wrong": {}} | more))


def every_course() -> Sequence[Line]:
    """Every course of this server, by slug."""
    courses = wiring().courses
    counts = courses.headcounts()
    return [
        Line(
            one,
            students=sum(count for role, count in counts.get(one.id, {}).items() if not role.is_staff),
            staff=sum(count for role, count in counts.get(one.id, {}).items() if role.is_staff),
        )
        for one in courses.courses()
    ]


def exercises(course: Course, user: User) -> tuple[Exercise, ...]:
    """A course's assignments in its order, with this person's counting attempt."""
    parts = wiring()
    grades = {line.assignment: line for line in parts.queries.grades(course.id, course.rule, user.id)}
    known = parts.shelf.assignments
    return tuple(
        Exercise(known[slug], known[slug].title_in(language()), parts.shelf.max_score(slug), grades.get(slug))
        for slug in parts.courses.assignments(course.id)
        if slug in known
    )
