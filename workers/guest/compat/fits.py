"""How a submission trains its models: the last calls of `fit`, kept short and told at the end."""

from __future__ import annotations

import math
from typing import Any

MAX_FITS = 20
_MAX_TEXT = 80


class Fits:
    """The last fits, as plain values."""

    def __init__(self) -> None:
        self._fits: list[dict[str, Any]] = []

    def add_fit(self, model: Any, *, epochs: int, batch_size: object, split: object, validated: bool) -> None:
        """Remember one fit of a model that is built and compiled."""
        fit = {
            "epochs": _number(epochs),
            "batch_size": _number(batch_size),
            "validation_split": _number(split),
            "validation_data": bool(validated),
        }
        self._fits = [*self._fits, fit | _settings(model)][-MAX_FITS:]

    def claim(self) -> dict[str, Any]:
        """Everything as plain values; nothing where nothing was done."""
        return {"fits": self._fits} if self._fits else {}


def _settings(model: Any) -> dict[str, Any]:
    optimizer = getattr(model, "optimizer", None)
    return {
        "optimizer": _name(optimizer),
        "learning_rate": _rate(optimizer),
        "loss": _loss(getattr(model, "loss", None)),
        "params": model.count_params() if model.built else None,
    }


def _loss(loss: Any) -> str | None:
    if loss is None:
        return None
    if isinstance(loss, str):
        return loss[:_MAX_TEXT]
    name = getattr(loss, "__name__", None) or getattr(loss, "name", None) or type(loss).__name__
    return str(name)[:_MAX_TEXT]


def _name(optimizer: Any) -> str | None:
    return None if optimizer is None else type(optimizer).__name__.lower()[:_MAX_TEXT]


def _rate(optimizer: Any) -> float | None:
    """The learning rate as it was given, to six digits; None for a schedule."""
    rate: Any = getattr(optimizer, "_learning_rate", None)
    if not hasattr(rate, "numpy"):
        return None
    number = _number(rate.numpy())
    return None if number is None else float(f"{number:.6g}")


def _number(value: Any) -> Any:
    """An int where that says the same, else a finite float; None for anything else."""
    try:
        number = None if isinstance(value, bool) or value is None else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if number is None or not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number
