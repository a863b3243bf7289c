"""What there is to hand in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort

from grader.domain.assignment import Assignment
from grader.services.ports import User
from grader.web.api.bearer import bearer
from grader.web.current import language, wiring
from grader.web.words import _

routes = Blueprint("assignments", __name__)


@routes.get("/assignments")
@bearer
def listing(_user: User) -> dict[str, Any]:
    """Every assignment, short."""
    return {"items": [_short(one) for one in wiring().shelf.assignments.values()]}


@routes.get("/assignments/<slug>")
@bearer
def one(_user: User, slug: str) -> dict[str, Any]:
    """One assignment with statement and starter."""
    found = wiring().shelf.assignments.get(slug)
    if found is None:
        abort(404, _("There is no such assignment."))
    return _short(found) | {"statement": found.statement_in(language()), "starter": found.starter}


def _short(assignment: Assignment) -> dict[str, Any]:
    return {
        "slug": assignment.slug,
        "title": assignment.title_in(language()),
        "version": assignment.version,
        "max_score": wiring().shelf.max_score(assignment.slug),
        "entry_points": [part.entry_point.name for part in assignment.parts],
        "url": f"/api/v1/assignments/{assignment.slug}",
    }
