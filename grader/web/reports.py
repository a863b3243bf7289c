"""One submission: its report, how far its grading is, its source, and grading it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from grader.db.columns import utc_now
from grader.domain.report import Report
from grader.domain.submission import State
from grader.domain.training import SeededRun
from grader.messages import NO_WORDS, SAY_WHERE, render, render_report
from grader.services.ports import Submission, User
from grader.services.regrade import regrade
from grader.standing import as_json
from grader.web.access import submission_for
from grader.web.auth import signed_in
from grader.web.charts import Chart, charts
from grader.web.current import language, wiring
from grader.web.graph import BOX_WIDTH, Drawing, draw
from grader.web.waiting import in_words, outlook
from grader.web.words import N_, _

pages = Blueprint("reports", __name__)

_FIXED = ("code_line", "code_caret")
ERASED = N_("What was handed in is erased: it cannot be graded again. Verdict and score stay.")

STAGES = (
    ("queued", N_("Waiting in line")),
    ("extract", N_("Running your function")),
    ("check", N_("Checking the layers")),
    ("train", N_("Training the model")),
    ("score", N_("Writing feedback")),
)


@dataclass(frozen=True)
class Training:
    """One run of a part's model, drawn; the first of several says why there are more."""

    part: str
    run: SeededRun
    charts: tuple[Chart, ...]
    told: str | None


@pages.get("/submissions/<submission>")
@signed_in
def report(user: User, submission: str) -> str:
    """The report, or how far it is; with `?part=1` only the inside, for the page that follows the grading."""
    found, is_staff = submission_for(user, submission)
    template = "report_inside.html" if request.args.get("part") else "report.html"
    return render_template(template, **_view(found, user, is_staff=is_staff))


@pages.get("/submissions/<submission>/state")
@signed_in
def state(user: User, submission: str) -> dict[str, Any]:
    """How far the grading is, in a few bytes."""
    found, _ = submission_for(user, submission)
    return _progress(found)


@pages.get("/submissions/<submission>/source")
@signed_in
def source(user: User, submission: str) -> Response:
    """What was handed in, as a plain file that no browser runs or renders."""
    found, _ = submission_for(user, submission)
    answer = Response(found.source, content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.id}.py"'
    return answer


@pages.post("/submissions/<submission>/regrade")
@signed_in
def grade_again(user: User, submission: str) -> AnyResponse | tuple[str, int]:
    """Staff: grade once more. The old report is kept, and the change is written down."""
    found, is_staff = submission_for(user, submission)
    if not is_staff:
        return render_template(
            "error.html", title=_("Not allowed"), detail=_("Only the course's staff may grade again.")
        ), 403
    if found.erased_at is not None:
        return render_template("error.html", title=_("Erased"), detail=_(ERASED)), 409
    regrade(found.id, user.id, request.form.get("reason", "")[:1000], wiring().dispatcher, utc_now())
    return redirect(url_for("reports.report", submission=found.id))


def _view(found: Submission, user: User, *, is_staff: bool) -> dict[str, Any]:
    parts, assignment = wiring(), wiring().shelf.assignments.get(found.assignment)
    words = NO_WORDS if assignment is None else assignment.words_in(language())
    latest = parts.store.latest_report(found.id) if found.state is State.DONE else None
    if latest is not None and not is_staff:
        latest = latest.for_student()
    student = parts.accounts.store.user(found.student) if is_staff else user
    return {
        "submission": found,
        "course": parts.courses.course_by_id(found.course),
        "assignment": assignment,
        "title": found.assignment if assignment is None else assignment.title_in(language()),
        "student": student,
        "is_staff": is_staff,
        "progress": _progress(found),
        "stages": [(stage, _(name)) for stage, name in STAGES],
        "report": None if latest is None else render_report(latest, language(), words),
        "staff_hint": None if latest is None else parts.causes.hint_for(found.id),
        "feedback": [] if latest is None else _feedback(latest, words),
        "place": _place(latest),
        "charts": [] if latest is None else _charts(latest, found),
        "box_width": BOX_WIDTH,
        "drawings": {} if latest is None else _drawings(latest),
        "changes": parts.queries.changes(found.id) if is_staff else [],
        "older": parts.queries.reports(found.id)[0 if latest is None else 1 :] if is_staff else [],
    }


def _progress(found: Submission) -> dict[str, Any]:
    stage = found.stage.value if found.stage is not None and found.state is State.RUNNING else "queued"
    told = outlook(found, wiring(), utc_now())
    return {
        "state": found.state.value,
        "stage": stage,
        "position": told.position,
        "expected_s": told.seconds,
        "stopped_since": as_json(told.stopped_since),
        "place": in_words(told),
        "attempt": found.attempt,
    }


def _feedback(report: Report, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Paragraphs (`p`), and what stands letter below letter (`pre`): a line of code with the caret below it."""
    lines: list[tuple[str, str]] = []
    for told in report.feedback:
        text = render(told, language(), words)
        if told.code == "code_caret" and lines and lines[-1][0] == "pre":
            lines[-1] = ("pre", f"{lines[-1][1]}\n{text}")
        else:
            lines.append(("pre" if told.code in _FIXED else "p", text))
    return lines


def _place(report: Report | None) -> str | None:
    """What a student must look at, in words."""
    at = report.location if report else None
    if at is None or at.line is None or report is None:
        return None
    if any(told.code in SAY_WHERE for told in report.feedback):
        return None
    if at.cell and at.column:
        return _(
            "Look at cell {cell}, line {line}, column {column}.", cell=at.cell, line=at.line, column=at.column
        )
    if at.cell:
        return _("Look at cell {cell}, line {line}.", cell=at.cell, line=at.line)
    if at.column:
        return _("Look at line {line}, column {column}.", line=at.line, column=at.column)
    return _("Look at line {line}.", line=at.line)


def _charts(report: Report, found: Submission) -> list[Training]:
    curves = wiring().class_curves
    trainings = []
    for part in report.parts:
        if part.training is not None:
            beside = curves.median(found.course, found.assignment, part.name)
            told = None if part.told_of_runs is None else render(part.told_of_runs, language())
            for place, run in enumerate(part.training.runs):
                drawn = charts(run.history, beside)
                trainings.append(Training(part.name, run, drawn, told if place == 0 else None))
    return trainings


def _drawings(report: Report) -> dict[str, Drawing | None]:
    return {part.name: draw(part.model.layers) for part in report.parts if part.model is not None}
