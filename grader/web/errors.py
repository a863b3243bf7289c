"""Errors: problem+json below /api, a plain page elsewhere. Nothing internal is ever shown."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from flask import Flask, Response, g, json, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from grader.db.away import in_a_line, is_away
from grader.web.access_log import shown_path
from grader.web.away import answer_away
from grader.web.current import language, page_user
from grader.web.words import N_, _

log = logging.getLogger(__name__)

KNOWN = {
    400: (N_("Bad Request"), N_("What your browser sent cannot be read. Go back and try again.")),
    401: (N_("Unauthorized"), N_("Sign in first.")),
    403: (N_("Forbidden"), N_("You may not do this.")),
    404: (N_("Not Found"), N_("There is nothing at this address. Is it spelled right?")),
    405: (N_("Method Not Allowed"), N_("This address cannot be used that way.")),
    409: (N_("Conflict"), N_("This does not fit what has been done meanwhile.")),
    411: (N_("Length Required"), N_("The length of what was sent must be given.")),
    413: (N_("Request Entity Too Large"), N_("What was sent is too large.")),
    414: (N_("Request URI Too Long"), N_("The address is too long.")),
    415: (N_("Unsupported Media Type"), N_("What was sent is of another kind than is taken here.")),
    422: (N_("Unprocessable Entity"), N_("A field has a value that cannot be taken.")),
    429: (N_("Too Many Requests"), N_("That was too often for now. Wait a little, then try again.")),
    500: (N_("Internal Server Error"), N_("This is our fault.")),
    503: (N_("Service Unavailable"), N_("The server is busy. Try again in a minute.")),
}
"""What each kind of error is called, and what it says where nothing closer is known."""

OLD_FORM = N_("This form is too old. Open the page again and send it once more.")


def problem(status: int, title: str, detail: str = "", **more: Any) -> Response:
    """An answer as RFC 9457 wants it; `title` is English that is marked by `N_`, `detail` is in words already."""
    shown = _(title)
    body = {"type": "about:blank", "title": shown, "status": status, "detail": detail or shown} | more
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
        if is_away(error):
            return answer_away(error)
        number = uuid.uuid4().hex[:12]
        log.error("error %s at %s", number, shown_path(request.path), exc_info=error)
        _know_the_reader()
        words = _("This is our fault. It is written down under {number}.", number=number)
        return _answer(InternalServerError(words))


def _answer(error: HTTPException) -> Response:
    if error.response is not None:
        return Response("", error.response.status_code)
    _know_the_reader()
    status = error.code or 500
    title, detail = KNOWN.get(status, (error.name, ""))[0], _detail(error)
    if request.path.startswith(("/api/", "/webhooks/")):
        answer = problem(status, title, detail)
    else:
        answer = Response(render_template("error.html", title=_(title), detail=detail), status=status)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            answer.headers[name] = value
    return answer


def _know_the_reader() -> None:
    """Where nobody can be looked up, because the database is away, an error is told as to a stranger."""
    try:
        page_user()
        language()
    except Exception as error:
        if is_away(error):
            log.warning("an error without its reader: %s", in_a_line(error))
        else:
            log.exception("an error without its reader")
        g.page_user = g.api_user = None


def _detail(error: HTTPException) -> str:
    """Our own words for it; a library's are replaced by those of its kind."""
    if isinstance(error, CSRFError):
        return _(OLD_FORM)
    library = error.description is None or error.description == type(error).description
    return _(KNOWN[error.code][1]) if library and error.code in KNOWN else error.description or ""
