"""What a report is worth, counted a second time from the layers and runs that it shows, without the checks."""

from __future__ import annotations

from grader.domain.report import Outcome, Report, Verdict

_PARAMS = [2 * 16 + 16, 16 * 2 + 2]
_POINTS = {"hostile-shape": (1.0, 9.0, 0.0), "hostile-train": (1.0, 3.0, 6.0)}
_THRESHOLD = 0.75


def most_points(report: Report) -> float:
    """The most that the network in the report's table can be worth; 0 where there is none."""
    if report.verdict is Verdict.INVALID:
        return 0.0
    (part,) = report.parts
    assert part.model is not None
    rows = part.model.layers
    takes, is_right, learns = _POINTS[report.assignment]
    if rows[0].output_shape != (None, 2):
        return 0.0
    dense = [row for row in rows if row.kind not in {"InputLayer", "Activation", "Softmax"}]
    if [(row.kind, row.params) for row in dense] != [("Dense", params) for params in _PARAMS]:
        return takes
    runs = part.training.runs if part.training else ()
    has_learnt = bool(runs) and all((run.test_accuracy or 0.0) > _THRESHOLD for run in runs)
    return takes + is_right + (learns if has_learnt else 0.0)


def is_sum_of_checks(report: Report) -> bool:
    """Whether a score is the points of the checks that passed, and `passed` means that all did."""
    passed = [check for check in report.checks if check.outcome is Outcome.PASSED]
    if any(check.points != check.max_points for check in passed):
        return False
    all_passed = bool(passed) and len(passed) == len(report.checks)
    points = sum(check.max_points for check in passed)
    return report.score == points and (report.verdict is Verdict.PASSED) == all_passed
