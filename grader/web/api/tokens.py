"""Getting a token."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from grader.db.columns import utc_now
from grader.services.accounts import Throttled
from grader.services.ports import User
from grader.web.api.bearer import bearer
from grader.web.api.body import read_object
from grader.web.current import client_address, wiring
from grader.web.errors import problem
from grader.web.limits import TOKENS, spend, spend_sign_in
from grader.web.words import N_, _, told

routes = Blueprint("tokens", __name__)


@routes.post("/login")
def login() -> Response | tuple[dict[str, Any], int]:
    """{email, password, label?} → a token."""
    body = read_object()
    if body is None or not all(isinstance(body.get(key), str) for key in ("email", "password")):
        return problem(422, N_("Unprocessable"), _("Send JSON with email and password."))
    spend_sign_in(body["email"])
    try:
        user = wiring().accounts.verify(body["email"], body["password"], client_address(), utc_now())
    except Throttled as error:
        return problem(429, N_("Too many requests"), told(error))
    if user is None:
        return problem(401, N_("Unauthorized"), _("That address and password do not belong together."))
    return _issue(user, body.get("label"))


@routes.post("/tokens")
@bearer
def another(user: User) -> Response | tuple[dict[str, Any], int]:
    """{label?} → another token of the same person."""
    body = read_object()
    spend(TOKENS, user.id)
    return _issue(user, None if body is None else body.get("label"))


def _issue(user: User, label: object) -> tuple[dict[str, Any], int]:
    token, expires = wiring().accounts.issue_token(
        user.id, label if isinstance(label, str) else "api", utc_now()
    )
    body = {"token": token, "expires_at": expires.isoformat(), "email": user.email, "name": user.display_name}
    return body, 201
