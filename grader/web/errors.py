"""Errors: problem+json below /api, a plain page elsewhere. Nothing internal is ever shown."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from flask import Flask, Response, g, json, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

log = logging.getLogger(__name__)


def problem(status: int, title: str, detail: str = "", **more: Any) -> Response:
    """An answer as RFC 9457 wants it."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail or title} | more
    return Response(json.dumps(body), status=status, content_type="application/problem+json")


def register(app: Flask) -> None:
    """Answer every error of `app` here."""

    @app.errorhandler(HTTPException)
    def known(error: HTTPException) -> Response:
        return _answer(error)

    @app.errorhandler(CSRFError)
    def forged(error: CSRFError) -> Response:
        return _answer(error)

    @app.errorhandler(Exception)
    def unknown(error: Exception) -> Response:
        number = uuid.uuid4().hex[:12]
        log.error("error %s at %s", number, request.path, exc_info=error)
        return _answer(InternalServerError(f"This is our fault. It is written down under {number}."))


def _page(error: HTTPException) -> str:
    """The page; where nobody can be looked up, because the database is away, as a stranger sees it."""
    try:
        return render_template("error.html", error=error)
    except Exception:
        log.exception("an error page without its reader")
        g.page_user = None
        return render_template("error.html", error=error)


def _answer(error: HTTPException) -> Response:
    if error.response is not None:
        return Response("", error.response.status_code)
    status = error.code or 500
    if request.path.startswith(("/api/", "/webhooks/")):
        answer = problem(status, error.name, error.description or "")
    else:
        answer = Response(_page(error), status=status)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            answer.headers[name] = value
    return answer
