"""`/metrics`, for who has the token of the file that settings name; people's tokens do not open it."""

from __future__ import annotations

import hmac
import logging

from flask import Blueprint, Flask, Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST

from grader.db.columns import utc_now
from grader.keys import read_keys
from grader.metrics import exposition
from grader.settings import Settings
from grader.standing import look
from grader.web.current import wiring

log = logging.getLogger(__name__)

pages = Blueprint("metrics", __name__)

FILE = "metrics-token"
TOKENS = "METRICS_TOKENS"


def register(app: Flask, settings: Settings) -> None:
    """Add the page to `app`; where no token can be kept, nobody opens it, and all else works."""
    try:
        app.config[TOKENS] = read_keys(settings.metrics_token_file, settings.data_dir / FILE)
    except OSError as error:
        if settings.metrics_token_file is not None:
            raise ValueError(f"GRADER_METRICS_TOKEN_FILE: {error}") from None
        log.warning("nobody can read /metrics: no token can be kept in the data folder: %s", error)
        app.config[TOKENS] = []
    app.register_blueprint(pages)


@pages.get("/metrics")
def metrics() -> Response:
    """Everything that Prometheus may know."""
    if not _may_read(request.headers.get("Authorization", "")):
        return Response(
            "This page is for who has the token of GRADER_METRICS_TOKEN_FILE.\n",
            401,
            {"WWW-Authenticate": "Bearer"},
            content_type="text/plain; charset=utf-8",
        )
    return Response(exposition(look(wiring(), utc_now())), content_type=CONTENT_TYPE_LATEST)


def _may_read(header: str) -> bool:
    scheme, _, given = header.partition(" ")
    offered = given.strip().encode("utf-8", "replace")
    known = [hmac.compare_digest(offered, token.encode()) for token in current_app.config[TOKENS]]
    return scheme.casefold() == "bearer" and any(known)
