"""What a layer's options may be: one reader per kind of option, each with its bounds.

A reader takes the plain value that came out of the guest and gives the typed one, or raises `BadOption` with a
`Message` that completes “it must be …”.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, field
from typing import Any

from grader.domain.message import message

MAX_DIMENSION = 65_536
MAX_RESHAPED = MAX_DIMENSION * 16
MAX_KERNEL = 64
MAX_STRIDE = 32
MAX_PADDING = 256

Reader = Callable[[Any], Any]


class BadOption(ValueError):
    """An option has a value that is not graded; its message completes “it must be …”."""


class OwnFunction(BadOption):
    """An option holds a function that the student wrote."""


def option(reader: Reader, default: Any = MISSING) -> Any:
    """Declare an option of a layer: a dataclass field that knows how to read itself."""
    if default is MISSING:
        return field(metadata={"read": reader})
    return field(default=default, metadata={"read": reader})


def integer(low: int, high: int) -> Reader:
    """A whole number within bounds; True is no number."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise BadOption(message("whole_number", low=low, high=high))
        return value

    return read


def number(low: float, high: float) -> Reader:
    """A finite number within bounds."""

    def read(value: Any) -> float:
        ok = isinstance(value, int | float) and not isinstance(value, bool)
        if not ok or not low <= value <= high:  # NaN is within no bounds
            raise BadOption(message("some_number", low=low, high=high))
        return float(value) + 0.0  # -0.0 becomes 0.0: equal numbers are written alike

    return read


def optional(reader: Reader) -> Reader:
    """None, or what `reader` reads."""
    return lambda value: None if value is None else reader(value)


def flag(value: Any) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise BadOption(message("true_or_false"))
    return value


def word(*words: str) -> Reader:
    """One of a closed list of words."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            raise BadOption(message("one_of", words=", ".join(map(repr, words))))
        return value

    return read


def sizes(count: int, low: int, high: int) -> Reader:
    """`count` whole numbers; a single number stands for all of them, as in Keras."""
    one = integer(low, high)

    def read(value: Any) -> tuple[int, ...]:
        if isinstance(value, list | tuple):
            if len(value) != count:
                raise BadOption(message("this_many_numbers", count=count))
            return tuple(one(item) for item in value)
        return (one(value),) * count

    return read


def integers(low: int, high: int, most: int = 8) -> Reader:
    """A short list of whole numbers."""
    one = integer(low, high)

    def read(value: Any) -> tuple[int, ...]:
        if not isinstance(value, list | tuple) or len(value) > most:
            raise BadOption(message("whole_numbers", most=most))
        return tuple(one(item) for item in value)

    return read


def margins(value: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """((top, bottom), (left, right)); Keras's shorter forms are spelled out."""
    one = integer(0, MAX_PADDING)
    if not isinstance(value, list | tuple):
        return ((one(value), one(value)), (one(value), one(value)))
    if len(value) != 2:  # noqa: PLR2004 - height and width
        raise BadOption(message("margins"))
    pair = sizes(2, 0, MAX_PADDING)
    (top, bottom), (left, right) = pair(value[0]), pair(value[1])
    return ((top, bottom), (left, right))


ACTIVATIONS = (
    "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "softplus", "softsign", "tanh",
    "sigmoid", "hard_sigmoid", "hard_silu", "mish", "exponential", "softmax", "log_softmax",
)  # fmt: skip

_ACTIVATION_ALIASES = {"swish": "silu", "hard_swish": "hard_silu"}


def activation(value: Any) -> str:
    """The name of one of Keras's activation functions; None is `linear`."""
    if value is None:
        return "linear"
    if isinstance(value, Mapping):
        raise OwnFunction(message("activation_by_name"))
    if isinstance(value, str):
        name = _ACTIVATION_ALIASES.get(value, value)
        if name in ACTIVATIONS:
            return name
    raise BadOption(message("activation_word"))
