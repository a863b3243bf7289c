"""A sentence as data: a code with parameters, turned into words only when somebody reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class Message:
    """One sentence, or a phrase within one; its English is in `grader/messages.py` or `grader/phrases.py`.

    A parameter is a number, a word that is the same in every language, such as a layer's name, or another `Message`.
    """

    code: str
    params: Mapping[str, Scalar | Message] = field(default_factory=dict)


Param = Scalar | Message


def message(code: str, **params: Param) -> Message:
    """Write a `Message` the way it reads: `message("no_such_function", wanted="build_model")`."""
    return Message(code, params)
