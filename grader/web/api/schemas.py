"""Submissions as JSON for readers outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.db.columns import utc_now
from grader.db.queries import Listed
from grader.domain.submission import State
from grader.messages import NO_WORDS, render_lines, render_report
from grader.services.ports import Submission
from grader.standing import as_json
from grader.web.waiting import outlook
from grader.wiring import Wiring


def full(submission: Submission, parts: Wiring, language: str, *, as_staff: bool) -> dict[str, Any]:
    """One submission with its report; only staff see hidden checks and whose it is."""
    done = submission.state is State.DONE
    report = parts.store.latest_report(submission.id) if done else None
    if report is not None and not as_staff:
        report = report.for_student()
    course = parts.courses.course_by_id(submission.course)
    words = words_of(parts, submission.assignment, language)
    told = outlook(submission, parts, utc_now())
    body: dict[str, Any] = {
        "id": submission.id,
        "state": submission.state.value,
        "stage": None if submission.stage is None else submission.stage.value,
        "position": told.position,
        "expected_s": told.seconds,
        "stopped_since": as_json(told.stopped_since),
        "waits_for": None if told.waits_for is None else told.waits_for.value,
        "attempt": submission.attempt,
        "assignment": submission.assignment,
        "course": None if course is None else course.slug,
        "file_name": submission.file_name,
        "received_at": as_json(submission.received_at),
        "done_at": as_json(submission.done_at),
        "url": f"/api/v1/submissions/{submission.id}",
        "staff_hint": None if report is None else parts.causes.hint_for(submission.id),
        "report": None if report is None else render_report(report, language, words),
    }
    return body | ({"student": submission.student} if as_staff else {})


def short(listed: Listed, parts: Wiring, language: str) -> dict[str, Any]:
    """One line of a list."""
    words = words_of(parts, listed.assignment, language)
    return {
        "id": listed.id,
        "state": listed.state.value,
        "stage": None if listed.stage is None else listed.stage.value,
        "assignment": listed.assignment,
        "course": listed.course,
        "student": listed.student,
        "student_name": listed.student_name,
        "file_name": listed.file_name,
        "received_at": as_json(listed.received_at),
        "done_at": as_json(listed.done_at),
        "verdict": None if listed.verdict is None else listed.verdict.value,
        "score": listed.score,
        "max_score": listed.max_score,
        "feedback": render_lines(listed.feedback, language, words),
        "url": f"/api/v1/submissions/{listed.id}",
    }


def words_of(parts: Wiring, slug: str, language: str) -> Mapping[str, str]:
    """What an exercise says in another language; nothing for one that is gone."""
    assignment = parts.shelf.assignments.get(slug)
    return NO_WORDS if assignment is None else assignment.words_in(language)
