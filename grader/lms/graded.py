"""What `submission.graded` says: docs/webhooks.md has it field by field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from grader.domain.report import Report
from grader.messages import NO_WORDS, render_lines
from grader.services.ports import Submission
from grader.services.webhook_ports import GRADED, Wished

VERSION = 2
"""Of the message. It rises when a field goes or changes its meaning, not when one is added; 1 had neither it nor a report."""

LONGEST_FEEDBACK = 4000
"""Characters; what is longer is cut, and ends with an ellipsis."""

LARGEST_FEEDBACK = 12_000
"""Bytes as they are sent: with the LMS's ids, which may have 200 letters each, a message stays below 20 kB."""

IDS = ("source", "platform", "course_id", "assignment_id", "submission_id", "attempt", "user_id", "sis_id")


def graded(wished: Wished, public_url: str, words: Mapping[str, str] = NO_WORDS) -> dict[str, Any]:
    """The message about one wish; `words` are those of the exercise in its language."""
    submission = wished.submission
    data = _ids(submission) | {
        "score": wished.score,
        "max_score": wished.max_score,
        "counting_submission_id": wished.counting,
        "counting_rule": wished.rule.value,
        "verdict": wished.report.verdict.value,
        "grader_submission_id": submission.id,
        "report_url": _page(submission, public_url),
        "report": _report(wished, words),
        "sequence": wished.number,
    }
    return {"type": GRADED, "version": VERSION, "timestamp": wished.at.isoformat(), "data": data}


def _report(wished: Wished, words: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a report's JSON (docs/api.md) that a gradebook can show; the whole of it would be too much for a message."""
    report: Report = wished.report
    return {
        "format": 1,
        "language": wished.language,
        "verdict": report.verdict.value,
        "reason": None if report.reason is None else report.reason.value,
        "score": report.score,
        "max_score": report.max_score,
        "feedback": _cut(render_lines(report.feedback, wished.language, words)),
    }


def _cut(text: str) -> str:
    kept = text if len(text) <= LONGEST_FEEDBACK else text[: LONGEST_FEEDBACK - 1] + "…"
    while len(json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace")) > LARGEST_FEEDBACK:
        kept = kept[: len(kept) * 9 // 10] + "…"
    return kept


def _page(submission: Submission, public_url: str) -> str | None:
    """Where people read it; None where nobody has said by which address they come."""
    return f"{public_url.rstrip('/')}/submissions/{submission.id}" if public_url else None


def _ids(submission: Submission) -> dict[str, Any]:
    """The LMS's own ids where the submission came from one, else ours."""
    ours = {
        "source": "grader",
        "platform": "grader",
        "course_id": submission.course,
        "assignment_id": submission.assignment,
        "submission_id": submission.id,
        "attempt": "1",
        "user_id": submission.student,
    }
    known = dict(submission.external) if "source" in submission.external else ours
    ids: dict[str, Any] = {name: known.get(name) for name in IDS}
    user = {"id": ids.pop("user_id"), "sis_id": ids.pop("sis_id")}
    return ids | {"attempt": int(ids["attempt"] or 1), "user": user}
