"""What is kept about one person, as one value for JSON: `grader user export` gives it to whoever asks for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from grader.db.person import PersonRows
from grader.language import LANGUAGES
from grader.messages import NO_WORDS, render_report
from grader.services.ports import Submission, User
from grader.standing import as_json
from grader.wiring import Wiring

FORMAT = 1


def everything(parts: Wiring, user: User, now: datetime) -> dict[str, Any]:
    """All that the database has; reports are as the person sees them, in the person's language."""
    rows = PersonRows(parts.database)
    submissions = [parts.store.get(each) for each in rows.submissions(user.id)]
    language = user.language or LANGUAGES[0]
    told = {"format": FORMAT, "exported_at": now, **rows.known(user.id)}
    told["submissions"] = [_submission(parts, one, language) for one in submissions if one is not None]
    return dict(_plain(told))


def _submission(parts: Wiring, one: Submission, language: str) -> dict[str, Any]:
    course = parts.courses.course_by_id(one.course)
    return {
        "id": one.id,
        "course": None if course is None else course.slug,
        "assignment": one.assignment,
        "assignment_version": one.assignment_version,
        "file_name": one.file_name,
        "came_by": one.origin.value,
        "language": one.language,
        "from_the_lms": dict(one.external),
        "received_at": one.received_at,
        "done_at": one.done_at,
        "erased_at": one.erased_at,
        "state": one.state.value,
        "attempt": one.attempt,
        "verdict": None if one.verdict is None else one.verdict.value,
        "score": one.score,
        "max_score": one.max_score,
        "source": one.source,
        "staff_hint": parts.causes.hint_for(one.id),
        "reports": _reports(parts, one, language),
        "grade_changes": [
            {name: getattr(change, name) for name in ("changed_by", "changed_at", "action", "reason", "old", "new")}
            for change in parts.queries.changes(one.id)
        ],
    }  # fmt: skip


def _reports(parts: Wiring, one: Submission, language: str) -> list[dict[str, Any]]:
    """The oldest first."""
    known = parts.shelf.assignments.get(one.assignment)
    words = NO_WORDS if known is None else known.words_in(language)
    return [
        {
            "attempt": old.attempt,
            "created_at": old.created_at,
            "report": render_report(old.report.for_student(), language, words),
        }
        for old in reversed(parts.queries.reports(one.id))
    ]


def _plain(value: Any) -> Any:
    """The same for JSON: moments as text in UTC."""
    if isinstance(value, datetime):
        return as_json(value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
