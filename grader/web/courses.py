"""Every course of this server, for its administrators, and a form that opens one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from grader.domain.course import CountingRule
from grader.services.courses import CourseError, create_course
from grader.services.ports import Course, User
from grader.web.auth import signed_in
from grader.web.current import wiring
from grader.web.home import first_page
from grader.web.words import _, told

pages = Blueprint("courses", __name__)

FIELD_OF = {"no_course_name": "slug", "course_taken": "slug", "long_title": "title"}
"""Beside which field of the form an error is told."""


@dataclass(frozen=True)
class Asked:
    """What somebody wrote into the form."""

    title: str
    slug: str
    rule: str

    def make(self) -> Course:
        """The course, with every assignment of this server; CourseError where a field is wrong."""
        parts = wiring()
        rule = CountingRule.LAST if self.rule == CountingRule.LAST else CountingRule.BEST
        return create_course(parts.courses, self.slug, self.title, rule, tuple(parts.shelf.assignments))


@pages.post("/courses")
@signed_in
def make(user: User) -> Response | tuple[str, int]:
    """Open a course and go to its dashboard; who opens it does not become one of its people."""
    if not user.is_admin:
        abort(403, _("This page is for administrators."))
    form = request.form
    asked = Asked(form.get("title", "").strip(), form.get("slug", "").strip(), form.get("rule", ""))
    if not asked.title:
        return _once_more(user, asked, {"title": _("Give the course a title, as students will read it.")})
    try:
        made = asked.make()
    except CourseError as error:
        return _once_more(user, asked, {FIELD_OF[error.message.code]: told(error)})
    return redirect(url_for("dashboard.submissions", course=made.slug))


def _once_more(user: User, asked: Asked, wrong: Mapping[str, str]) -> tuple[str, int]:
    return first_page(user, asked=asked, wrong=wrong), 422
