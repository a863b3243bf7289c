from __future__ import annotations

import pytest

from grader.checks import CheckFailed, architecture_check
from grader.checks.run import run_checks
from grader.domain.errors import AuthorError
from grader.domain.message import message
from grader.domain.report import DiffLine, Outcome, Visibility


@architecture_check(points=2)
def first(model):
    """is first"""
    if model != "right":
        raise CheckFailed(message("wrong_params"), expected="right", actual=model)


@architecture_check(points=3, needs=first)
def second(_):
    """is second"""


@architecture_check()
def broken(_):
    """has a fault of its author's"""
    raise ZeroDivisionError


def outcomes(results):
    return {name: result.outcome for name, result in results.items()}


def test_points_follow_from_what_passed():
    results = run_checks([first, second], lambda: "right", before={})
    assert [result.points for result in results.values()] == [2, 3]


def test_what_needs_a_failed_check_is_skipped():
    results = run_checks([first, second], lambda: "wrong", before={})
    assert outcomes(results) == {"first": Outcome.FAILED, "second": Outcome.SKIPPED}
    assert results["first"].actual == "wrong"


def test_a_check_that_raises_is_broken_and_not_failed():
    assert outcomes(run_checks([broken], lambda: "right", before={})) == {"broken": Outcome.BROKEN}


def test_the_subject_is_asked_for_only_when_a_check_gets_that_far():
    before = run_checks([first], lambda: "wrong", before={})
    results = run_checks([second], lambda: pytest.fail("asked for nothing"), before=before)
    assert results["second"].outcome is Outcome.SKIPPED


def test_a_check_without_a_title_is_refused():
    with pytest.raises(AuthorError, match="docstring"):
        architecture_check()(lambda _: None)


@pytest.mark.parametrize("visibility", Visibility)
def test_the_comparison_of_a_hidden_check_stays_hidden(visibility):
    line = DiffLine("missing", "Flatten()", None)

    @architecture_check(visibility=visibility)
    def compared(_):
        """compares"""
        raise CheckFailed(message("wrong_params"), diff=(line,))

    diffs = []
    run_checks([compared], lambda: "wrong", {}, diffs)
    assert diffs == ([(line,)] if visibility is Visibility.VISIBLE else [])
