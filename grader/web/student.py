"""An exercise as a student sees it: what to do, where to hand it in, what came of it."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from grader.db.columns import utc_now
from grader.db.queries import Filter
from grader.domain.assignment import Assignment, Strictness
from grader.services.ports import Course, Origin, TooManyWaiting, Upload, User
from grader.services.submit import submit
from grader.visible import visible
from grader.web.access import course_for
from grader.web.auth import signed_in
from grader.web.current import language, wiring
from grader.web.limits import spend_upload
from grader.web.markdown import render_markdown
from grader.web.words import N_, _, told

pages = Blueprint("student", __name__)

HOW_LAYERS_ARE_COMPARED = {
    Strictness.EXACT: N_(
        "Your layers are compared with the ones asked for; every equal way to write them counts."
    ),
    Strictness.PIECES: N_("The layers asked for must come in their order; others may stand between them."),
    Strictness.ANY: N_("Which layers you use is up to you."),
}
"""Of networks; functions and classes are run instead."""


@pages.get("/courses/<course>/<slug>")
@signed_in
def exercise(user: User, course: str, slug: str) -> str:
    """The statement, the form, and what was handed in before."""
    visit = course_for(user, course)
    return _page(user, visit.course, _assignment(visit.course, slug))


@pages.post("/courses/<course>/<slug>")
@signed_in
def hand_in(user: User, course: str, slug: str) -> str | AnyResponse | tuple[str, int]:
    """Take a file or pasted code; a file wins when there are both."""
    visit = course_for(user, course)
    assignment = _assignment(visit.course, slug)
    file, pasted = request.files.get("file"), request.form.get("source", "")
    if file is not None and file.filename:
        data, name = file.stream.read(), file.filename
    elif pasted.strip():
        data, name = pasted.encode("utf-8", "replace"), "pasted.py"
    else:
        return _page(user, visit.course, assignment, error=_("Choose a file, or paste your code.")), 422
    upload = Upload(
        student=user.id,
        course=visit.course.id,
        assignment=slug,
        data=data,
        file_name=visible(name)[:200],
        origin=Origin.WEB,
        language=language(),
        is_text=file is None or not file.filename,
    )
    upload = replace(upload, idempotency_key=_key(request.form.get("once", ""), upload))
    try:
        spend_upload(user.id)
        saved = submit(upload, wiring().dispatcher, utc_now())
    except TooManyWaiting as error:
        return _page(user, visit.course, assignment, error=told(error), source=pasted), 429
    except TooManyRequests as error:
        return _page(user, visit.course, assignment, error=str(error.description), source=pasted), 429
    return redirect(url_for("reports.report", submission=saved.id))


@pages.get("/courses/<course>/<slug>/starter.py")
@signed_in
def starter(user: User, course: str, slug: str) -> Response:
    """The starter file, to save."""
    assignment = _assignment(course_for(user, course).course, slug)
    answer = Response(assignment.starter, content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{slug}.py"'
    return answer


def _key(once: str, upload: Upload) -> str | None:
    """The same work sent twice in a row from one page is one submission; anything else from that page is another one.

    Work that was sent before something else is handed in anew when it comes again: where the last attempt counts, it does.
    """
    if not once:
        return None
    bound = f"{once}\n{upload.course}\n{upload.assignment}\n{upload.content_sha256}"
    key = f"web:{hashlib.sha256(bound.encode()).hexdigest()}"
    newest, used = wiring().store.newest_key(upload.student, upload.course, upload.assignment) or ("", "")
    return used if used.startswith(key) else f"{key}:{newest}"


def _assignment(course: Course, slug: str) -> Assignment:
    known = wiring().shelf.assignments
    if slug not in wiring().courses.assignments(course.id) or slug not in known:
        abort(404, _("This course has no such exercise."))
    return known[slug]


def how_compared(assignment: Assignment) -> list[str]:
    """How strictly the networks of an exercise are compared, a sentence for each way that it has, in English."""
    asked = {part.architecture for part in assignment.parts if part.probe is None}
    return [sentence for strictness, sentence in HOW_LAYERS_ARE_COMPARED.items() if strictness in asked]


def _page(
    user: User, course: Course, assignment: Assignment, *, error: str | None = None, source: str = ""
) -> str:
    parts = wiring()
    mine = parts.queries.submissions(
        Filter(viewer=user.id, student=user.id, course=course.id, assignment=assignment.slug, page_size=20)
    )
    return render_template(
        "exercise.html",
        course=course,
        assignment=assignment,
        title=assignment.title_in(language()),
        statement=render_markdown(assignment.statement_in(language())),
        how_compared=[_(sentence) for sentence in how_compared(assignment)],
        max_score=parts.shelf.max_score(assignment.slug),
        mine=mine,
        once=utc_now().isoformat(),
        error=error,
        source=source,
    )
