"""What is refused before any page looks at a request: strange hosts, foreign origins, large bodies, odd characters."""

from __future__ import annotations

import logging
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, abort, redirect, request, url_for
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.utils import host_is_trusted
from werkzeug.wrappers import Response

from grader.lms.inbound import LARGEST_BODY
from grader.settings import Settings
from grader.web.current import api_user, page_user
from grader.web.words import _

log = logging.getLogger(__name__)

SMALL_BODY = 64 * 1024
LONGEST_FIELD = 4096
LONGEST_ADDRESS = 8192
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
TAKES_FILES = frozenset({"student.hand_in", "submissions.hand_in"})
"""Only these take more than SMALL_BODY, and only from people who are signed in."""

SIGNED = "webhooks_in.receive"
RAW = frozenset({SIGNED, "policy_reports.receive"})
ANY_HOST = frozenset({"health.health", "health.ready", "health.grading", "health.alive", "metrics.metrics"})
"""Orchestrators and Prometheus ask these by an address of their own."""

FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
NO_COOKIE = ("/api/", "/webhooks/", "/csp-report")
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def register(app: Flask, settings: Settings) -> None:
    """Look at every request of `app` first; must come before the CSRF protection, which reads the form."""
    public = urlsplit(settings.public_url).hostname
    hosts = None if public is None or _in_numbers(public) else [public, *LOOPBACK]

    @app.before_request
    def admit() -> Response | None:
        if (
            hosts is not None
            and request.endpoint not in ANY_HOST
            and not host_is_trusted(request.host.lower(), hosts)
        ):
            abort(400, _("This server has another name."))
        if len(request.full_path) > LONGEST_ADDRESS:
            abort(414)
        if "\0" in request.path:
            abort(400, _("An address has no NUL characters."))
        if "%00" in request.full_path or "\0" in request.full_path:
            _drop_nul()
        if request.method in SAFE:
            return None
        if not request.path.startswith(NO_COOKIE):
            _refuse_other_sites(public)
        return _bound_body()


def largest_body(app: Flask, method: str, path: str) -> int:
    """Bytes that a body to this address (in WSGI's letters) may have, whoever sends it; more is not even waited for."""
    try:
        found = app.url_map.bind("localhost").match(path.encode("latin-1").decode("utf-8", "replace"), method)
    except HTTPException:
        return SMALL_BODY
    if found[0] in TAKES_FILES:
        return int(app.config["MAX_CONTENT_LENGTH"])
    return LARGEST_BODY if found[0] == SIGNED else SMALL_BODY


def _in_numbers(host: str) -> bool:
    """Whether this is an IP address, such as `grader serve` guesses where nobody set a name: people may use another."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _drop_nul() -> None:
    """PostgreSQL takes no NUL in a text, and no search needs one."""
    pairs = request.args.items(multi=True)
    request.args = ImmutableMultiDict([(name, value.replace("\0", "")) for name, value in pairs])


def _refuse_other_sites(public: str | None) -> None:
    """Browsers say where a form stands; a form of another site is refused even with a good token."""
    origin = request.headers.get("Origin")
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(400, _("This form stands on another site."))
    if origin is None:
        return
    parts = urlsplit(origin)
    if parts.netloc != request.host and (public is None or parts.hostname != public):
        log.warning(
            "a form from %s for %s was refused; is GRADER_PUBLIC_URL set?", origin[:200], request.host
        )
        abort(400, _("This form stands on another site."))


def _bound_body() -> Response | None:
    """Files from people who are signed in; of everybody else a few fields, each of bounded size."""
    if request.endpoint in RAW:
        return None  # they bound and read the raw bytes, those that were signed and those that are no form
    if request.endpoint not in TAKES_FILES:
        request.max_content_length = request.max_form_memory_size = SMALL_BODY
    elif request.endpoint == "student.hand_in" and page_user() is None:
        return redirect(url_for("auth.sign_in", next=request.path))
    elif request.endpoint == "submissions.hand_in" and api_user() is None:
        return None  # refused as unknown, without a look at the body
    if request.mimetype in FORMS:
        _check_fields()
    return None


def _check_fields() -> None:
    for name, value in request.form.items(multi=True):
        if len(name) > LONGEST_FIELD or (len(value) > LONGEST_FIELD and name != "source"):
            abort(413, _("A field of this form is too long."))
        if "\0" in name or ("\0" in value and name != "source"):
            abort(400, _("A field of this form has NUL characters."))
