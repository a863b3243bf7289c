"""Getting a token."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from grader.db.columns import utc_now
from grader.services.accounts import Throttled
from grader.services.ports import User
from grader.web.api.bearer import bearer
from grader.web.current import client_address, wiring
from grader.web.errors import problem

routes = Blueprint("tokens", __name__)


@routes.post("/login")
def login() -> Response | tuple[dict[str, Any], int]:
    """{email, password, label?} → a token."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not all(isinstance(body.get(key), str) for key in ("email", "password")):
        return problem(422, "Unprocessable", "Send JSON with email and password.")
    try:
        user = wiring().accounts.verify(body["email"], body["password"], client_address(), utc_now())
    except Throttled as error:
        return problem(429, "Too many requests", str(error))
    if user is None:
        return problem(401, "Unauthorized", "That address and password do not belong together.")
    return _issue(user, body.get("label"))


@routes.post("/tokens")
@bearer
def another(user: User) -> Response | tuple[dict[str, Any], int]:
    """{label?} → another token of the same person."""
    body = request.get_json(silent=True)
    return _issue(user, body.get("label") if isinstance(body, dict) else None)


def _issue(user: User, label: object) -> tuple[dict[str, Any], int]:
    token, expires = wiring().accounts.issue_token(
        user.id, label if isinstance(label, str) else "api", utc_now()
    )
    body = {"token": token, "expires_at": expires.isoformat(), "email": user.email, "name": user.display_name}
    return body, 201
