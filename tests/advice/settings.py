"""What a report says about `compile`, carried out."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from grader.checks.compiling import A_TENSOR
from grader.domain import compiled
from grader.domain.compiled import CompileSettings, Setting
from grader.domain.message import Message
from tests.advice.reading import CannotTell

OF_COMPILE = frozenset(
    {
        "not_compiled", "wrong_optimizer", "wrong_optimizer_option", "wrong_loss", "wrong_loss_option",
        "missing_metric", "metric_gives",
    }
)  # fmt: skip


def followed(settings: CompileSettings | None, told: Message, expected: object) -> CompileSettings:
    """The settings of somebody who does what the report says."""
    if told.code == "not_compiled" or settings is None:
        return CompileSettings(compiled.optimizer("rmsprop"))  # with anything: the rest is told next
    if told.code == "metric_gives":
        return replace(settings, metrics=tuple(map(_that_gives, settings.metrics)))
    if told.code == "missing_metric":
        own = isinstance(expected, Message) and expected.code == "own_function"
        new = Setting("own", {"gives": A_TENSOR}, own=True) if own else _read(expected, compiled.metric)
        return replace(settings, metrics=(*settings.metrics, new))
    if told.code.startswith("wrong_optimizer"):
        return replace(settings, optimizer=_read(expected, compiled.optimizer))
    return replace(settings, loss=_read(expected, compiled.loss))


def _that_gives(metric: Setting) -> Setting:
    return replace(metric, options={**metric.options, "gives": A_TENSOR}) if metric.own else metric


def _read(words: object, made: Callable[..., Setting]) -> Setting:
    """`sgd(momentum=0.9)` as a setting."""
    if not isinstance(words, str):
        raise CannotTell(f"“{words}” is no setting")
    call = ast.parse(words, mode="eval").body
    if isinstance(call, ast.Name):
        return made(call.id)
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Name)
    options: dict[str, Any] = {str(one.arg): ast.literal_eval(one.value) for one in call.keywords}
    return made(call.func.id, **options)
