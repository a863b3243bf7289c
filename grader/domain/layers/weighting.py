"""How weights start and are held in check: initializers, regularizers and constraints, scalars only.

A matrix as a constant would smuggle trained weights into a model, so no option holds more than a number.
Seeds are dropped: the trainer gives every weight a seed of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from grader.domain.layers.option import BadOption, Reader, integer, number, word
from grader.domain.message import message

Scalar = float | int | str | bool | None


@dataclass(frozen=True)
class Choice:
    """One of Keras's initializers, regularizers or constraints by name, with its scalar options in order."""

    name: str
    options: tuple[tuple[str, Scalar], ...] = ()

    def suits(self, rank: int) -> bool:
        """Whether a tensor of so many axes can start, or be held, like this."""
        if self.name == "Identity":
            return rank == 2  # noqa: PLR2004 - a matrix
        if self.name == "Orthogonal":
            return rank >= 2  # noqa: PLR2004 - a matrix, or several
        axis = dict(self.options).get("axis", 0) if self.name in _ALONG_AN_AXIS else 0
        return self.name not in _ALONG_AN_AXIS or (isinstance(axis, int) and -rank <= axis < rank)


_ALONG_AN_AXIS = ("MaxNorm", "MinMaxNorm", "UnitNorm")

_MODE = word("fan_in", "fan_out", "fan_avg")
_SHAPE = word("truncated_normal", "untruncated_normal", "uniform", "normal")
_GAIN = number(-100, 100)
_AXIS = integer(-4, 4)


def _axis(value: Any) -> int:
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    return int(_AXIS(value))


INITIALIZERS: dict[str, dict[str, Reader]] = {
    "Zeros": {},
    "Ones": {},
    "Constant": {"value": number(-100, 100)},
    "RandomNormal": {"mean": _GAIN, "stddev": number(0, 100)},
    "RandomUniform": {"minval": _GAIN, "maxval": _GAIN},
    "TruncatedNormal": {"mean": _GAIN, "stddev": number(0, 100)},
    "VarianceScaling": {"scale": number(1e-6, 100), "mode": _MODE, "distribution": _SHAPE},
    "GlorotUniform": {},
    "GlorotNormal": {},
    "HeUniform": {},
    "HeNormal": {},
    "LecunUniform": {},
    "LecunNormal": {},
    "Orthogonal": {"gain": _GAIN},
    "Identity": {"gain": _GAIN},
}
REGULARIZERS: dict[str, dict[str, Reader]] = {
    "L1": {"l1": number(0, 10)},
    "L2": {"l2": number(0, 10)},
    "L1L2": {"l1": number(0, 10), "l2": number(0, 10)},
}
CONSTRAINTS: dict[str, dict[str, Reader]] = {
    "MaxNorm": {"max_value": number(1e-3, 1000), "axis": _axis},
    "MinMaxNorm": {
        "min_value": number(0, 1000),
        "max_value": number(1e-3, 1000),
        "rate": number(0, 1),
        "axis": _axis,
    },
    "NonNeg": {},
    "UnitNorm": {"axis": _axis},
}


def _reader(kinds: Mapping[str, Mapping[str, Reader]], what: str) -> Callable[[Any], Choice]:
    def read(value: Any) -> Choice:
        named = isinstance(value, Mapping) and isinstance(value.get("class"), str)
        if not named or value["class"] not in kinds:
            raise BadOption(message("keras_choice", what=what, words=", ".join(kinds)))
        options = value.get("options") or {}
        if not isinstance(options, Mapping):
            raise BadOption(message("a_plain", kind=value["class"]))
        given = {name: item for name, item in options.items() if item is not None}
        given.pop("seed", None)
        readers = kinds[value["class"]]
        if set(given) - set(readers):
            raise BadOption(message("a_plain", kind=value["class"]))
        return Choice(
            value["class"], tuple((name, readers[name](given[name])) for name in readers if name in given)
        )

    return read


initializer = _reader(INITIALIZERS, "initializer")
regularizer = _reader(REGULARIZERS, "regularizer")
constraint = _reader(CONSTRAINTS, "constraint")

GLOROT = Choice("GlorotUniform")
ZEROS = Choice("Zeros")
ONES = Choice("Ones")
