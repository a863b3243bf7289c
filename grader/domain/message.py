"""A sentence as data: a code with parameters, turned into words only when somebody reads it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

Scalar = str | int | float | bool | None

LARGEST = 2**63 - 1
"""The largest whole number that a reader of JSON takes everywhere; what is beyond it is told as that."""


@dataclass(frozen=True)
class Message:
    """One sentence, or a phrase within one; its English is in `grader/messages.py` or `grader/phrases.py`.

    A parameter is a number, a word that is the same in every language, such as a layer's name, or another `Message`.
    Numbers come from what strangers handed in: what is beyond 64 bits, or no number, becomes a phrase that says so.
    """

    code: str
    params: Mapping[str, Scalar | Message] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Bound the numbers here, where they are made: a report with larger ones could not be read again."""
        if any(_beyond(value) for value in self.params.values()):
            object.__setattr__(self, "params", {name: _told(value) for name, value in self.params.items()})


Param = Scalar | Message


def message(code: str, **params: Param) -> Message:
    """Write a `Message` the way it reads: `message("no_such_function", wanted="build_model")`."""
    return Message(code, params)


def _beyond(value: object) -> bool:
    """Whether a number is one that no reader of JSON takes."""
    if isinstance(value, int):
        return not -LARGEST <= value <= LARGEST
    return isinstance(value, float) and not math.isfinite(value)


def _told(value: Param) -> Param:
    """The number, or the phrase in its place."""
    if not _beyond(value):
        return value
    if not isinstance(value, int):
        return message("not_finite")
    return message("more_than", number=LARGEST) if value > 0 else message("less_than", number=-LARGEST)
