"""The first page: where somebody stands."""

from __future__ import annotations

from flask import Blueprint, render_template

from grader.services.ports import User
from grader.web.auth import signed_in
from grader.web.current import wiring

pages = Blueprint("home", __name__)


@pages.get("/")
@signed_in
def index(user: User) -> str:
    """The courses of whoever is signed in."""
    return render_template("home.html", user=user, memberships=wiring().courses.memberships(user.id))
