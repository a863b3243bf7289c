"""A sentence as data: a code with parameters, turned into words only when somebody reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class Message:
    """One sentence for a reader; `code` is a key of the catalogue in `grader/messages.py`."""

    code: str
    params: Mapping[str, Scalar] = field(default_factory=dict)


def message(code: str, **params: Scalar) -> Message:
    """Write a `Message` the way it reads: `message("no_such_function", wanted="build_model")`."""
    return Message(code, params)
