"""Webhooks: the door for messages from an LMS, and the page on which staff see what went out."""

from __future__ import annotations

from flask import Blueprint, Response, flash, json, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from grader.db.columns import utc_now
from grader.lms.inbound import LARGEST_BODY
from grader.lms.payload import FieldError
from grader.lms.signature import HEADERS, SignatureRefused
from grader.services.ports import TooManyWaiting, User
from grader.web.access import staff_course_for
from grader.web.api.submissions import too_many_waiting
from grader.web.auth import signed_in
from grader.web.current import wiring
from grader.web.errors import problem
from grader.web.words import N_, _

inbound = Blueprint("webhooks_in", __name__)
pages = Blueprint("webhooks", __name__)


@inbound.post("/webhooks/lms/<source>")
def receive(source: str) -> Response:
    """A signed message: 202, 401 for whatever is not proven, 413 for too much, 422 for a message with a bad field."""
    request.max_content_length = LARGEST_BODY
    body = request.get_data(cache=False)
    headers = {name: request.headers.get(name, "") for name in HEADERS}
    try:
        answer = wiring().inbox.receive(source, headers, body, utc_now())
    except SignatureRefused:
        return problem(401, N_("Unauthorized"), _("No such source, or the signature does not fit."))
    except FieldError as error:
        return problem(422, N_("Unprocessable Content"), str(error), field=error.field)
    except TooManyWaiting as error:
        return too_many_waiting(error)
    return Response(json.dumps(answer), status=202, content_type="application/json")


@pages.get("/courses/<course>/webhooks")
@signed_in
def page(user: User, course: str) -> str:
    """Sources, endpoints, and what these are owed and were told, with the tries."""
    found, now = staff_course_for(user, course), utc_now()
    parts = wiring()
    return render_template(
        "webhooks.html",
        course=found,
        address=parts.settings.public_url.rstrip("/"),
        sources=parts.sources.sources(now, found.id),
        endpoints=parts.endpoints.endpoints(now, found.id),
        owed=parts.endpoints.owed(found.id),
        held=parts.outgoing.held(),
        wishes=parts.wishes.wishes(found.id, now),
    )


@pages.post("/courses/<course>/webhooks/<wish>/replay")
@signed_in
def replay(user: User, course: str, wish: str) -> AnyResponse:
    """Send one grade again, under its old id; the control worker's sweep takes it from there."""
    found = staff_course_for(user, course)
    done = wiring().wishes.replay(wish, found.id, utc_now())
    flash(
        _("The message is in line again.") if done else _("This message cannot be sent: its endpoint is off.")
    )
    return redirect(url_for("webhooks.page", course=found.slug))


@pages.post("/courses/<course>/webhooks/endpoints/<target>/enable")
@signed_in
def enable(user: User, course: str, target: str) -> AnyResponse:
    """Send to an endpoint again what it is owed; with `everybody` also what it was told."""
    found = staff_course_for(user, course)
    known = wiring().endpoints.endpoint(target, utc_now())
    if known is not None and known.course == found.id:
        everybody = bool(request.form.get("everybody"))
        count = wiring().endpoints.enable(target, utc_now(), everybody=everybody)
        flash(_("The endpoint is on. Grades to send: {count}.", count=count or 0))
    return redirect(url_for("webhooks.page", course=found.slug))
