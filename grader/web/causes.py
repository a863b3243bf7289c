"""What stopped a class, for its staff: each first cause with its students, and one hint for all of them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from grader.db.causes import LONGEST_HINT, Misconception
from grader.db.columns import utc_now
from grader.messages import render
from grader.services.ports import User
from grader.web.access import staff_course_for
from grader.web.auth import signed_in
from grader.web.current import language, wiring
from grader.web.words import _

pages = Blueprint("causes", __name__)


@pages.get("/courses/<course>/causes")
@signed_in
def page(user: User, course: str) -> str:
    """Each first cause, the most frequent first; `?assignment=` shows those of one exercise."""
    found = staff_course_for(user, course)
    wanted = request.args.get("assignment") or None
    return render_template(
        "causes.html",
        course=found,
        wanted=wanted,
        assignments=wiring().courses.assignments(found.id),
        groups=wiring().causes.misconceptions(found.id, wanted),
        in_words=cause_in_words,
        longest=LONGEST_HINT,
    )


@pages.post("/courses/<course>/causes")
@signed_in
def say(user: User, course: str) -> AnyResponse:
    """Say something to everybody who meets one cause; nothing written takes it back."""
    found = staff_course_for(user, course)
    assignment, cause = request.form.get("assignment", ""), request.form.get("cause", "")
    text = request.form.get("text", "")
    if wiring().causes.write_hint(found.id, assignment, cause, text, user.id, utc_now()):
        flash(_("Everybody who meets this reads it from now on.") if text.strip() else _("The hint is gone."))
    else:
        flash(_("Nobody met this so far, so nothing was written."))
    return redirect(url_for("causes.page", course=course, assignment=request.form.get("shown") or None))


def cause_in_words(group: Misconception) -> str:
    """How the newest submission of a group was told what stopped it."""
    lines = [render(told, language()) for told in group.example]
    return lines[-1] if lines else group.cause
