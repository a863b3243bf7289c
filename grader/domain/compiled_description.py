"""Reads what the guest says about `compile`: strangers' words again, bounded; what is unknown stays a mere name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from grader.domain.compiled import (
    EQUAL_NUMBERS,
    EVERY_LOSS_AND_METRIC,
    EVERY_OPTIMIZER,
    OPTIMIZERS,
    CompileSettings,
    Plain,
    Setting,
    loss,
    metric,
    optimizer,
    own,
)
from grader.domain.description import clean
from grader.domain.errors import Reason, StudentError
from grader.domain.message import message

MOST_METRICS = 16
MOST_OPTIONS = 40
LARGEST = 2**53
"""A whole number that every reader's JSON holds exactly."""
KNOWN_OPTIONS = frozenset(EVERY_OPTIMIZER).union(EVERY_LOSS_AND_METRIC, *OPTIMIZERS.values())

Maker = Callable[..., Setting]


def read_compiled(value: Any) -> CompileSettings | None:
    """The settings of a compiled model, None for one that was not; StudentError for words that are no such thing."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise _disturbed()
    metrics = value.get("metrics")
    if not isinstance(metrics, list) or len(metrics) > MOST_METRICS:
        raise _disturbed()
    lost = value.get("loss")
    return CompileSettings(
        optimizer=_setting(value.get("optimizer"), optimizer),
        loss=None if lost is None else _setting(lost, loss),
        metrics=tuple(_setting(item, metric) for item in metrics),
    )


def _setting(value: Any, make: Maker) -> Setting:
    match value:
        case {"own": str(name), "gives": str(kind)}:
            return Setting(clean(name), {"gives": clean(kind)}, own=True)
        case {"own": str(name)}:
            return own(clean(name))
        case {"several": int(count)} if 0 <= count <= MOST_OPTIONS:
            return Setting(f"{count} losses")
        case {"class": "Accuracy"} if make is metric:
            return Setting(EQUAL_NUMBERS)
        case {"name": str(name)}:
            return make(clean(name))
        case {"class": str(name), "options": dict(options)} if len(options) <= MOST_OPTIONS:
            return make(clean(name), **_options(options))
    raise _disturbed()


def _options(given: Mapping[str, Any]) -> dict[str, Plain]:
    """The options that are known, as plain values; a schedule of the learning rate is told by its rate and decay."""
    kept = {
        name: _plain(value)
        for name, value in given.items()
        if name in KNOWN_OPTIONS and name != "learning_rate"
    }
    rate = given.get("learning_rate")
    if isinstance(rate, Mapping):
        return {**kept, **_schedule(rate)}
    return kept if rate is None else {**kept, "learning_rate": _plain(rate)}


def _schedule(given: Mapping[str, Any]) -> dict[str, Plain]:
    match given:
        case {
            "class": "InverseTimeDecay",
            "options": {
                "initial_learning_rate": int() | float() as rate,
                "decay_steps": int() | float() as steps,
                "decay_rate": int() | float() as decay,
                "staircase": False,
            },
        } if steps > 0:
            return {"learning_rate": _plain(rate), "decay": _plain(decay / steps)}
        case {"class": str(name)}:
            return {"learning_rate": clean(name)}
    raise _disturbed()


def _plain(value: Any) -> Plain:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int) and abs(value) <= LARGEST:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise _disturbed()


def _disturbed() -> StudentError:
    return StudentError(Reason.BAD_MODEL, message("bad_claim"))
