"""The class's misconceptions as JSON, for staff."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from grader.db.causes import Misconception
from grader.db.columns import utc_now
from grader.services.ports import User
from grader.web.access import staff_course_for
from grader.web.api.bearer import bearer
from grader.web.api.body import read_object
from grader.web.causes import cause_in_words
from grader.web.current import wiring
from grader.web.errors import problem
from grader.web.words import N_, _

routes = Blueprint("api_causes", __name__)


@routes.get("/courses/<course>/causes")
@bearer
def listing(user: User, course: str) -> dict[str, Any]:
    """Each first cause with how many students met it, the most frequent first; `?assignment=` for one exercise."""
    found = staff_course_for(user, course)
    groups = wiring().causes.misconceptions(found.id, request.args.get("assignment") or None)
    return {"items": [_as_json(group) for group in groups]}


@routes.post("/courses/<course>/causes/hint")
@bearer
def say(user: User, course: str) -> Response | dict[str, Any]:
    """{assignment, cause, text}: everybody who meets this cause reads the text; an empty one takes it back."""
    found = staff_course_for(user, course)
    body = read_object() or {}
    fields = [body.get(name) for name in ("assignment", "cause", "text")]
    if not all(isinstance(each, str) for each in fields):
        return problem(422, N_("Unprocessable"), _("Send assignment, cause and text."))
    assignment, cause, text = map(str, fields)
    if not wiring().causes.write_hint(found.id, assignment, cause, text, user.id, utc_now()):
        return problem(404, N_("Not Found"), _("Nobody met this cause in this course."))
    return {"assignment": assignment, "cause": cause, "hint": text.strip() or None}


def _as_json(group: Misconception) -> dict[str, Any]:
    return {
        "assignment": group.assignment,
        "cause": group.cause,
        "words": cause_in_words(group),
        "students": group.students,
        "stuck": group.stuck,
        "submissions": group.submissions,
        "newest": f"/api/v1/submissions/{group.newest}",
        "hint": None if group.hint is None else group.hint.text,
    }
