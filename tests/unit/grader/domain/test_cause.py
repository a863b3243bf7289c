from __future__ import annotations

import pytest

from grader.domain.cause import LONGEST, first_cause
from grader.domain.errors import Reason, StudentError
from grader.domain.message import Message, message
from grader.domain.report import CheckResult, Outcome, Report, Verdict


def failed(*told: Message, expected: str | None = None) -> Report:
    checks = tuple(
        CheckResult(
            f"c{place}", "model", "a check", Outcome.FAILED, 0.0, 1.0, message=each, expected=expected
        )
        for place, each in enumerate(told)
    )
    passed = CheckResult("first", "model", "a check", Outcome.PASSED, 1.0, 1.0)
    words = (message("not_yet"), told[0])
    return Report("dense", "v", Verdict.FAILED, 10.0, 1.0, words, checks=(passed, *checks))


def invalid(told: Message) -> Report:
    return Report.invalid("dense", "v", 10.0, StudentError(Reason.BAD_CODE, told))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            failed(message("wrong_order_missing", expected="Dense(128)", after="Conv2D(32, (3, 3))")),
            failed(message("wrong_order_missing", expected="Dense(128)", after="Conv2D(16, (5, 5))")),
        ),
        (
            failed(message("accuracy_too_low", accuracy=0.41, threshold=0.5, epochs=3)),
            failed(message("accuracy_too_low", accuracy=0.49, threshold=0.5, epochs=3)),
        ),
        (
            invalid(message("exception_in_code", error="NameError", text="name 'x' is not defined")),
            invalid(message("exception_in_code", error="NameError", text="name 'y' is not defined")),
        ),
    ],
)
def test_names_and_numbers_of_one_student_do_not_count(one: Report, other: Report) -> None:
    assert first_cause(one) == first_cause(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            failed(message("wrong_order_missing", expected="Flatten()", after="Conv2D(32, (3, 3))")),
            failed(message("wrong_order_missing", expected="Dense(128)", after="Conv2D(32, (3, 3))")),
        ),
        (
            failed(message("wrong_order_other", after="Flatten()"), expected="Dense(128)"),
            failed(message("wrong_order_other", after="Flatten()"), expected="Dropout(0.5)"),
        ),
        (
            failed(message("wrong_setting", layer="Conv2D", option="filters")),
            failed(message("wrong_setting", layer="Conv2D", option="padding")),
        ),
        (
            invalid(message("exception_in_code", error="NameError", text="")),
            invalid(message("exception_in_code", error="TypeError", text="")),
        ),
    ],
)
def test_misconceptions_are_told_apart(one: Report, other: Report) -> None:
    assert first_cause(one) != first_cause(other)


def test_it_is_the_first_check_that_failed() -> None:
    assert first_cause(failed(message("not_compiled"), message("wrong_loss"))) == "not_compiled"


def test_it_reads_like_a_key() -> None:
    report = failed(message("wrong_order_missing", expected="Flatten()", after="Conv2D(32, (3, 3))"))
    assert first_cause(report) == "wrong_order_missing after=Conv2D expected=Flatten"


@pytest.mark.parametrize(
    "report",
    [
        Report("dense", "v", Verdict.PASSED, 10.0, 10.0, (message("nice_work"),)),
        Report.fault("dense", "v", 10.0),
    ],
)
def test_a_pass_and_our_own_fault_have_none(report: Report) -> None:
    assert first_cause(report) is None


def test_what_a_student_wrote_stays_short_and_visible() -> None:
    cause = first_cause(invalid(message("missing_module", module="a\u202eb" * 200)))
    assert cause is not None
    assert len(cause) <= LONGEST
    assert "\u202e" not in cause
