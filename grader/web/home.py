"""Where somebody stands: their courses, each with its exercises and the score that counts."""

from __future__ import annotations

from dataclasses import dataclass

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


@pages.get("/")
@signed_in
def index(user: User) -> str:
    """The courses of whoever is signed in."""
    memberships = wiring().courses.memberships(user.id)
    cards = [Card(one.course, one.role.is_staff, exercises(one.course, user)) for one in memberships]
    return render_template("home.html", user=user, cards=cards)


@pages.post("/join")
@signed_in
def join(user: User) -> str | Response | tuple[str, int]:
    """Become a student of the course with this join code."""
    spend(JOINING, user.id)
    try:
        join_by_code(wiring().courses, user.id, request.form.get("code", ""))
    except CourseError as error:
        return render_template("home.html", user=user, cards=[], error=told(error)), 422
    return redirect(url_for("home.index"))


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
