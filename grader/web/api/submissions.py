"""Handing in, looking at, listing, grading again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request

from grader.db.columns import utc_now
from grader.db.queries import Filter
from grader.services.ports import KeyInUse, Origin, TooManyWaiting, Upload, User
from grader.services.regrade import regrade
from grader.services.submit import UnknownAssignment, submit
from grader.visible import visible
from grader.web.api.bearer import bearer
from grader.web.api.body import read_object
from grader.web.api.schemas import full, short
from grader.web.current import language, wiring
from grader.web.errors import problem
from grader.web.limits import spend_upload
from grader.web.reports import ERASED
from grader.web.words import N_, _, told

routes = Blueprint("submissions", __name__)

LONGEST_KEY = 255
LONGEST_NAME = 200
WAIT_SECONDS = 30
NOT_THERE = N_("There is no such submission.")


@routes.post("/submissions")
@bearer
def hand_in(user: User) -> Response | tuple[dict[str, Any], int]:
    """A file (multipart) or `source` (JSON) for `assignment`, in `course` where somebody has several."""
    spend_upload(user.id)
    fields, data, name = _read_body()
    slug = fields.get("assignment")
    key = request.headers.get("Idempotency-Key")
    if data is None or not isinstance(slug, str) or (key is not None and not 0 < len(key) <= LONGEST_KEY):
        return problem(
            422, N_("Unprocessable"), _("Send assignment, and a file (multipart) or source (JSON).")
        )
    courses = _courses(user, slug, fields.get("course"))
    if not courses:
        return problem(404, N_("Not Found"), _("No course of yours has an assignment {slug}.", slug=slug))
    if len(courses) > 1:
        return problem(422, N_("Unprocessable"), _("Say which course."), courses=sorted(courses.values()))
    upload = Upload(
        student=user.id,
        course=next(iter(courses)),
        assignment=slug,
        data=data,
        file_name=visible(name)[:LONGEST_NAME],
        origin=Origin.CLI if fields.get("origin") == Origin.CLI else Origin.API,
        language=language(),
        idempotency_key=key,
        is_text=request.is_json,
    )
    try:
        saved = submit(upload, wiring().dispatcher, utc_now())
    except UnknownAssignment:
        return problem(404, N_("Not Found"), _("There is no assignment {slug}.", slug=slug))
    except KeyInUse as error:
        return _key_in_use(error)
    except TooManyWaiting as error:
        return too_many_waiting(error)
    url = f"/api/v1/submissions/{saved.id}"
    return {"id": saved.id, "state": saved.state.value, "url": url}, 202


@routes.get("/submissions/<submission>")
@bearer
def one(user: User, submission: str) -> dict[str, Any]:
    """One submission with its report; somebody else's looks as if it did not exist."""
    parts = wiring()
    how = parts.queries.may_see(submission, user.id)
    found = parts.store.get(submission) if how else None
    if found is None:
        abort(404, _(NOT_THERE))
    return full(found, parts, language(), as_staff=how == "staff")


@routes.get("/submissions")
@bearer
def listing(user: User) -> dict[str, Any]:
    """A page of what the caller may see."""
    parts, asked = wiring(), request.args
    course = parts.courses.course(asked["course"]) if asked.get("course") else None
    page = parts.queries.submissions(
        Filter(
            viewer=None if user.is_admin else user.id,
            course=None if not asked.get("course") else (course.id if course else "none"),
            assignment=asked.get("assignment"),
            verdict=asked.get("verdict"),
            state=asked.get("state"),
            student=asked.get("student"),
            search=asked.get("search", ""),
            sort=asked.get("sort", "-received"),
            page=asked.get("page", 1, type=int),
            page_size=asked.get("page_size", 50, type=int),
        )
    )
    items = [short(item, parts, language()) for item in page.items]
    return {"items": items, "total": page.total, "page": page.page, "pages": page.pages}


@routes.post("/submissions/<submission>/regrade")
@bearer
def again(user: User, submission: str) -> Response | tuple[dict[str, Any], int]:
    """Staff: grade once more; {reason?} goes into the audit."""
    how = wiring().queries.may_see(submission, user.id)
    if how is None:
        abort(404, _(NOT_THERE))
    if how != "staff":
        abort(403, _("Only staff may grade again."))
    body = read_object() or {}
    reason = str(body.get("reason", ""))
    found = wiring().store.get(submission)
    if found is not None and found.erased_at is not None:
        return problem(409, N_("Conflict"), _(ERASED))
    if not regrade(submission, user.id, reason[:1000], wiring().dispatcher, utc_now()):
        return problem(409, N_("Conflict"), _("It is being graded already."))
    return {"id": submission, "state": "queued", "url": f"/api/v1/submissions/{submission}"}, 202


def too_many_waiting(error: TooManyWaiting) -> Response:
    """The answer to who has enough in line; a client tries the same key again, and nothing comes twice."""
    refusal = problem(429, N_("Too many waiting"), told(error), most_waiting=error.most)
    refusal.headers["Retry-After"] = str(WAIT_SECONDS)
    return refusal


def _key_in_use(error: KeyInUse) -> Response:
    """A key stands for what it was first sent with; `field` names what is another now."""
    sent = "file" if "file" in request.files else "source"
    field = sent if error.field == "content" else error.field
    words = _(
        "This Idempotency-Key was used for another submission: {field} differs. Send a new one with its own key.",
        field=field,
    )
    return problem(422, N_("Unprocessable"), words, field=field)


def _read_body() -> tuple[dict[str, Any], bytes | None, str]:
    """Fields, the bytes handed in, and their file name."""
    body = read_object(largest=None)
    if body is not None:
        source, name = body.get("source"), body.get("file_name")
        data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else None
        return body, data, name if isinstance(name, str) else "submission.py"
    file = request.files.get("file")
    if file is None:
        return dict(request.form), None, ""
    with file.stream as stream:
        return dict(request.form), stream.read(), file.filename or "submission.py"


def _courses(user: User, slug: str, course: object) -> dict[str, str]:
    """The courses, id → slug, in which this person may hand in this assignment."""
    courses = wiring().courses
    return {
        membership.course.id: membership.course.slug
        for membership in courses.memberships(user.id)
        if course in (None, "", membership.course.slug) and slug in courses.assignments(membership.course.id)
    }
