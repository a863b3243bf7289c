"""What belongs to the request at hand: the parts, the person, the language."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import cast

from flask import current_app, g, request, session

from grader.db.columns import utc_now
from grader.language import LANGUAGES
from grader.services.ports import User
from grader.web.access_log import USER
from grader.wiring import Wiring

EXTENSION = "grader"
SESSION_KEY = "sign_in"


def wiring() -> Wiring:
    """The parts of this server."""
    return cast("Wiring", current_app.extensions[EXTENSION])


def page_user() -> User | None:
    """Who is signed in by cookie, looked up once a request."""
    if "page_user" not in g:
        secret = session.get(SESSION_KEY)
        g.page_user = None if secret is None else wiring().accounts.session_user(secret, utc_now())
        _note(g.page_user)
    return cast("User | None", g.page_user)


def api_user() -> User | None:
    """Who calls with a bearer token, looked up once a request."""
    if "api_user" not in g:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        usable = scheme.casefold() == "bearer" and bool(secret)
        g.api_user = wiring().accounts.token_user(secret.strip(), utc_now()) if usable else None
        _note(g.api_user)
    return cast("User | None", g.api_user)


def _note(user: User | None) -> None:
    """For the line in the access log: whose account it is, by its id."""
    if user is not None:
        request.environ[USER] = user.id


def language() -> str:
    """The language of this answer, found once a request: `?lang=`, then for pages the person's choice, then the browser's.

    A program that sends `Accept-Language` to the API asks for it there and then, so it counts before the choice.
    """
    if "language" not in g:
        api = request.path.startswith("/api/")
        user = api_user() if api else page_user()
        chosen = None if user is None else user.language
        preferred = request.accept_languages.best_match(LANGUAGES)
        wishes = [request.args.get("lang"), *((preferred, chosen) if api else (chosen, preferred))]
        g.language = next((wish for wish in wishes if wish in LANGUAGES), LANGUAGES[0])
    return cast("str", g.language)


def client_address() -> str:
    """Where the request comes from; a proxy is believed only where settings say so.

    Of IPv6 the network of 64 bits, since whoever has one address there has all of them.
    """
    address = request.remote_addr or "unknown"
    try:
        known = ip_address(address)
    except ValueError:
        return address[:64]
    return str(ip_network((known, 64), strict=False)) if isinstance(known, IPv6Address) else address
