from __future__ import annotations

from pathlib import Path

import pytest

from grader.domain.errors import Reason, StudentError
from grader.domain.message import message
from grader.domain.report import CheckResult, Outcome, Report, Verdict
from workers.references import ReferenceSolution, named_in_docstring


@pytest.mark.parametrize(
    ("source", "word"),
    [
        (b'"""layer_order: the last Dense is missing."""\n', "layer_order"),
        (b'\xef\xbb\xbf"""bad_code: x."""', "bad_code"),
        (b"# bad_upload: not UTF-8 \xff\n", "bad_upload"),
        (b'"""A sentence without one."""', None),
        (b'"""two words: no."""', None),
        (b"", None),
    ],
)
def test_the_first_line_names_what_must_catch_it(source, word):
    assert named_in_docstring(source) == word


def failed_by(name):
    checks = (
        CheckResult(name, "model", "t", Outcome.FAILED, 0.0, 1.0),
        CheckResult("z", "model", "t", Outcome.SKIPPED, 0.0, 1.0),
    )
    return Report("a", "v", Verdict.FAILED, 1.0, 0.0, (), checks=checks)


def test_a_solution_says_how_a_report_differs():
    solution = ReferenceSolution("a", Path("x"), Verdict.FAILED, "order")
    assert solution.problem(failed_by("order")) is None
    assert solution.problem(failed_by("other")) == "expected to be caught by order, was by other"
    invalid = Report.invalid("a", "v", 1.0, StudentError(Reason.BAD_CODE, message("bad_claim")))
    assert solution.problem(invalid) == "expected failed, got invalid"
    assert ReferenceSolution("a", Path("x"), Verdict.INVALID, "bad_code").problem(invalid) is None
