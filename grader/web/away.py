"""What a request is told while the database, its disk or its lock is away: come back, and here is what you sent."""

from __future__ import annotations

import logging

from flask import Response, g, render_template, request, session
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException

from grader.db.away import RETRY_SECONDS, in_a_line
from grader.web.access_log import shown_path
from grader.web.current import SESSION_KEY
from grader.web.words import N_, _

log = logging.getLogger(__name__)

TITLE = N_("Service Unavailable")
WORDS = N_("The grader cannot reach its data at the moment. Nothing that it has taken is lost.")
AGAIN = N_("Try again in a few seconds.")
LONGEST_SHOWN = 256 * 1024
"""Of a chosen file, in the editor; nobody reads a longer one there."""

HAND_IN = "student.hand_in"


def answer_away(error: Exception) -> Response:
    """503 in one line of the log; whatever would ask the database is left out of it."""
    log.warning("away at %s %s: %s", request.method, shown_path(request.path), in_a_line(error))
    for reader in ("page_user", "api_user"):
        if reader not in g:
            setattr(g, reader, None)
    answer = _problem() if request.path.startswith(("/api/", "/webhooks/")) else _page()
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _problem() -> Response:
    from grader.web.errors import problem

    return problem(503, TITLE, f"{_(WORDS)} {_(AGAIN)}")


def _page() -> Response:
    if request.method in ("GET", "HEAD"):
        answer = Response(
            render_template("away.html", title=_(TITLE), words=_(WORDS), again=RETRY_SECONDS), 503
        )
        answer.headers["Refresh"] = str(RETRY_SECONDS)
        return answer
    source, lost_file = _handed_in() if request.endpoint == HAND_IN else ("", False)
    form = {
        "source": source,
        "lost_file": lost_file,
        "once": request.form.get("once", "") if request.endpoint == HAND_IN and _was_signed_in() else "",
        "may_hand_in": request.endpoint == HAND_IN,
    }
    return Response(render_template("away.html", title=_(TITLE), words=_(WORDS), **form), 503)


def _was_signed_in() -> bool:
    """We signed that cookie: its reader may send large bodies, and other sites cannot send it along."""
    return SESSION_KEY in session


def _handed_in() -> tuple[str, bool]:
    """What was sent as text, and whether a file has to be chosen again; a file wins, as where it is handed in."""
    if not _was_signed_in():
        return "", False
    try:
        file = request.files.get("file")
    except HTTPException:  # a body that is refused anyway
        return "", False
    if file is None or not file.filename:
        return request.form.get("source", ""), False
    text = _text_of(file)
    return (request.form.get("source", ""), True) if text is None else (text, False)


def _text_of(file: FileStorage) -> str | None:
    """A script of a bearable size; None of a notebook, whose text is not what its author wrote."""
    file.stream.seek(0)
    data = file.stream.read(LONGEST_SHOWN + 1)
    if (file.filename or "").lower().endswith(".ipynb") or len(data) > LONGEST_SHOWN:
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if text.lstrip("\ufeff \t\r\n").startswith("{") else text
