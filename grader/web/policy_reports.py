"""What browsers refused because of our content policy. Nothing of ours breaks it, so each report is worth a look."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException, TooManyRequests

from grader.db.columns import utc_now
from grader.visible import visible
from grader.web.access_log import without_secret
from grader.web.current import client_address, wiring
from grader.web.limits import POLICY_REPORTS, spend

pages = Blueprint("policy_reports", __name__)
log = logging.getLogger(__name__)

LARGEST_REPORT = 16 * 1024
MOST_IN_ONE = 20
LONGEST_TEXT = 200
TALLY = "policy:"
DAY, KEPT = timedelta(days=1), timedelta(days=90)
DIRECTIVES = frozenset(
    f"{kind}-src{part}"
    for kind, parts in {
        "default": ("",), "script": ("", "-elem", "-attr"), "style": ("", "-elem", "-attr"), "img": ("",),
        "object": ("",), "connect": ("",), "font": ("",), "frame": ("",), "media": ("",), "worker": ("",),
        "manifest": ("",), "child": ("",),
    }.items()
    for part in parts
) | {"base-uri", "form-action", "frame-ancestors"}  # fmt: skip


@pages.post("/csp-report")
def receive() -> Response:
    """Log and count; no answer tells more than that something came. What is no report is dropped, 429 for a flood."""
    try:
        spend(POLICY_REPORTS, client_address())
    except TooManyRequests:
        return Response(status=429)
    for found in _violations(_body()):
        _note(found, utc_now())
    return Response(status=204)


def _body() -> bytes:
    """As much as a report may be; nothing of what is larger, or ends early."""
    request.max_content_length = LARGEST_REPORT
    try:
        body = request.get_data(cache=False)
    except HTTPException:
        return b""
    return body if len(body) < LARGEST_REPORT else b""


def _violations(body: bytes) -> Sequence[Mapping[str, Any]]:
    """The violations of one message, in the older form (`report-uri`) or the newer one (`report-to`)."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    if isinstance(data, dict):
        data = [{"body": data.get("csp-report")}]
    listed = data[:MOST_IN_ONE] if isinstance(data, list) else []
    bodies = [one.get("body") for one in listed if isinstance(one, dict)]
    return [body for body in bodies if isinstance(body, dict)]


def _note(violation: Mapping[str, Any], now: datetime) -> None:
    directive = _text(violation, "effective-directive", "effectiveDirective", "violated-directive")
    known = directive.partition(" ")[0]
    known = known if known in DIRECTIVES else "other"
    wiring().tallies.add(TALLY + known, now, DAY, KEPT)
    blocked = _text(violation, "blocked-uri", "blockedURL")
    page = _text(violation, "document-uri", "documentURL").partition("?")[0]
    log.warning("content policy: %s kept a browser from %s on %s", known, blocked, without_secret(page))


def _text(violation: Mapping[str, Any], *names: str) -> str:
    values = [violation[name] for name in names if isinstance(violation.get(name), str)]
    return visible(values[0])[:LONGEST_TEXT] if values else ""
