"""Runs checks in order, and skips what needs one that did not pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from grader.checks.check import Check
from grader.checks.failure import CheckFailed
from grader.domain.errors import GraderError
from grader.domain.message import message
from grader.domain.report import CheckResult, DiffLine, Outcome, Visibility

Results = dict[str, CheckResult]


def run_checks(
    checks: Iterable[Check],
    subject: Callable[[], Any],
    before: Mapping[str, CheckResult],
    diffs: list[tuple[DiffLine, ...]] | None = None,
) -> Results:
    """Results of `before` and of `checks`. `subject` is asked for only when a check gets that far.

    A check that raises anything but CheckFailed is `broken`: our fault or the author's, never the student's.
    A comparison that a failed check made is appended to `diffs`, unless the check is hidden: it says what is asked for.
    """
    results = dict(before)
    for check in checks:
        waiting = [name for name in check.needs if results[name].outcome is not Outcome.PASSED]
        results[check.id] = _result(check, Outcome.SKIPPED) if waiting else _look(check, subject, diffs)
    return results


def _look(check: Check, subject: Callable[[], Any], diffs: list[tuple[DiffLine, ...]] | None) -> CheckResult:
    looked_at = subject()
    try:
        check(looked_at)
    except CheckFailed as failure:
        if failure.diff and diffs is not None and check.visibility is Visibility.VISIBLE:
            diffs.append(failure.diff)
        return _result(check, Outcome.FAILED, failure)
    except GraderError:
        raise
    except Exception as error:  # noqa: BLE001 - a check may raise anything; none of it is the student's fault
        told = CheckFailed(message("check_broke", check=check.id, error=type(error).__name__))
        return _result(check, Outcome.BROKEN, told)
    return _result(check, Outcome.PASSED)


def _result(check: Check, outcome: Outcome, failure: CheckFailed | None = None) -> CheckResult:
    return CheckResult(
        id=check.id,
        part=check.part,
        title=check.title,
        outcome=outcome,
        points=check.points if outcome is Outcome.PASSED else 0.0,
        max_points=check.points,
        visibility=check.visibility,
        message=failure.message if failure else None,
        expected=failure.expected if failure else None,
        actual=failure.actual if failure else None,
        hint=failure.hint if failure else None,
        needs=check.needs,
    )
