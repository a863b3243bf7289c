"""What belongs to the request at hand: the parts, the person, the language."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import cast

from flask import current_app, g, request, session

from grader.db.columns import utc_now
from grader.services.ports import User
from grader.wiring import Wiring

EXTENSION = "grader"
SESSION_KEY = "sign_in"
LANGUAGES = ("en", "zh")


def wiring() -> Wiring:
    """The parts of this server."""
    return cast("Wiring", current_app.extensions[EXTENSION])


def page_user() -> User | None:
    """Who is signed in by cookie, looked up once a request."""
    if "page_user" not in g:
        secret = session.get(SESSION_KEY)
        g.page_user = None if secret is None else wiring().accounts.session_user(secret, utc_now())
    return cast("User | None", g.page_user)


def api_user() -> User | None:
    """Who calls with a bearer token, looked up once a request."""
    if "api_user" not in g:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        usable = scheme.casefold() == "bearer" and bool(secret)
        g.api_user = wiring().accounts.token_user(secret.strip(), utc_now()) if usable else None
    return cast("User | None", g.api_user)


def language_of(user: User | None) -> str:
    """`?lang=` first, then the person's own choice."""
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return asked
    return "en" if user is None else user.language


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
