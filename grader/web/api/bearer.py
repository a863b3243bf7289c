"""Who calls: `Authorization: Bearer …`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from flask import Response

from grader.services.ports import User
from grader.web.current import api_user
from grader.web.errors import problem
from grader.web.words import N_, _

P = ParamSpec("P")
R = TypeVar("R")


def bearer(view: Callable[Concatenate[User, P], R]) -> Callable[P, R | Response]:
    """Hand the token's user to a view as its first argument; 401 without a good token."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        user = api_user()
        if user is None:
            refusal = problem(401, N_("Unauthorized"), _("Sign in: send a bearer token."))
            refusal.headers["WWW-Authenticate"] = "Bearer"
            return refusal
        return view(user, *args, **kwargs)

    return guarded
