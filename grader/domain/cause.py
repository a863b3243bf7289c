"""What stood in a submission's way first, without what differs from student to student: by this a class is grouped."""

from __future__ import annotations

from collections.abc import Mapping

from grader.domain.message import Message
from grader.domain.report import Report, Verdict, first_failed
from grader.visible import visible

LONGEST = 160
_KINDS = ("expected", "actual", "after")
_TELLING: Mapping[str, tuple[str, ...]] = {
    "exception_in_code": ("error",),
    "no_such_function": ("wanted",),
    "no_such_function_nearest": ("wanted",),
    "not_a_function": ("wanted",),
    "missing_module": ("module",),
    "helper_module": ("module",),
    "missing_module_nearest": ("module",),
    "needs_arguments": ("function",),
    "wrong_return_type": ("function",),
    "returned_nothing": ("function",),
    "refused_layer": ("kind",),
    "unknown_layer": ("kind",),
    "refused_option": ("kind", "option"),
    "training_out_of_bounds": ("key",),
    "training_unknown_key": ("key",),
    "wrong_setting": ("layer", "option"),
    "wrong_setting_nth": ("layer", "option"),
    "wrong_optimizer_option": ("option",),
    "wrong_loss_option": ("option",),
    "too_few_of_a_kind": ("kind",),
    "wrong_value": ("what",),
    "wrong_gradient": ("what",),
    "hint_slip": ("slip",),
}
"""Parameters that tell one misconception from another; all others are a student's own names and numbers."""


def first_cause(report: Report) -> str | None:
    """A key such as `wrong_order_missing after=Conv2D expected=Flatten`; None for a pass and for our own fault.

    Equal keys are one misconception: of layers their kinds count and not their sizes.
    """
    found = _first(report)
    if found is None:
        return None
    told, expected = found
    telling: dict[str, object] = {name: told.params.get(name) for name in _TELLING.get(told.code, ())}
    if told.code.startswith("wrong_order"):
        telling |= {name: _kind(told.params[name]) for name in _KINDS if name in told.params}
        if "expected" not in telling and expected is not None:
            telling["expected"] = _kind(expected)
    # Which of several layers it is differs from student to student.
    words = [told.code.removesuffix("_nth"), *(f"{name}={telling[name]}" for name in sorted(telling))]
    return visible(" ".join(words))[:LONGEST]


def _first(report: Report) -> tuple[Message, str | Message | None] | None:
    """The first message about the cause, and what its check expected."""
    if report.verdict is Verdict.INVALID and len(report.feedback) > 1:
        return report.feedback[1], None
    failed = first_failed(report.checks) if report.verdict is Verdict.FAILED else None
    return (failed.message, failed.expected) if failed is not None and failed.message is not None else None


def _kind(notation: object) -> str:
    """`Dense` of `Dense(128)`, the second of them or not; what is no layer stays, a phrase by its code."""
    if isinstance(notation, Message) and notation.code == "the_nth":
        notation = notation.params["layer"]
    return notation.code if isinstance(notation, Message) else str(notation).partition("(")[0]
