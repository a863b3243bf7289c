"""Reading what reports the tables keep. Rows are never changed, so one that nobody can read must not hide the others."""

from __future__ import annotations

import logging
import math
from functools import lru_cache
from typing import Any

from grader import wire
from grader.db.tables import ReportRow
from grader.domain.errors import Reason
from grader.domain.message import Message, message
from grader.domain.report import Report, Verdict
from grader.messages import render_lines, render_report
from grader.visible import visible

log = logging.getLogger(__name__)

History = dict[str, tuple[float | None, ...]]

UNREADABLE = (message("unreadable_report"),)
"""What is told in place of feedback."""

_MISFITS = (wire.WireError, ValueError, KeyError, IndexError, TypeError, AttributeError)
"""Of bytes that are no report, of words that this release has not got, and of parameters that do not fit them."""


def report_of(row: ReportRow) -> Report:
    """The report of a row; where it cannot be read or shown, its verdict and score alone, and a sentence that says so."""
    try:
        report = wire.from_json(Report, row.report, complete=False)
        render_report(report)
    except _MISFITS as error:
        _log_once(f"the report of {row.submission_id}, attempt {row.attempt}", str(error))
        return _in_its_place(row)
    return report


def feedback_of(written: str | None, submission: str) -> tuple[Message, ...]:
    """The first lines of a report as its submission keeps them; one sentence where they cannot be read or shown."""
    if written is None:
        return ()
    try:
        lines = wire.loads(tuple[Message, ...], written.encode())
        render_lines(lines)
    except _MISFITS as error:
        _log_once(f"the feedback of {submission}", str(error))
        return UNREADABLE
    return lines


def history_of(report: Any, part: str) -> History:
    """The curves of a part's first run in a report as it is kept; empty where there are none to read."""
    try:
        for each in report["parts"]:
            if each["name"] == part and each["training"]:
                kept = each["training"]["runs"][0]["history"]
                return {str(name): tuple(map(_point, values)) for name, values in kept.items()}
    except _MISFITS as error:
        _log_once(f"a history of {part}", str(error))
    return {}


def _point(value: Any) -> float | None:
    """One number of a curve. By hand: a page draws the curves of 200 students, and `wire` takes its time for each."""
    if value is None or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, int) and abs(value) <= wire.LARGEST:
        return float(value)
    detail = f"{value!r:.40} is no point of a curve"
    raise wire.WireError(detail)


def _in_its_place(row: ReportRow) -> Report:
    verdict = Verdict(row.verdict)
    return Report(
        assignment=_word(row.report, "assignment"),
        assignment_version=_word(row.report, "assignment_version"),
        verdict=verdict,
        max_score=row.max_score,
        score=None if verdict is Verdict.GRADER_ERROR else row.score or 0.0,
        feedback=UNREADABLE,
        reason=None if row.reason is None else Reason(row.reason),
    )


def _word(kept: Any, key: str) -> str:
    word = kept.get(key) if isinstance(kept, dict) else None
    return visible(word) if isinstance(word, str) else ""


@lru_cache(maxsize=1024)
def _log_once(what: str, why: str) -> None:
    """A list is looked at often, and the row stays as it is."""
    log.error("%s cannot be read: %s", what, why)
