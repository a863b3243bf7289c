"""Layers that bring several tensors together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from grader.domain.layers.base import Layer, Shape, ShapeError
from grader.domain.layers.normalization import axes_of
from grader.domain.layers.option import integer, option
from grader.domain.message import message

MOST_INPUTS = 32


class _Merging(Layer):
    """Number by number; a size of 1 is stretched, as numpy does."""

    inputs: ClassVar[tuple[int, int]] = (2, MOST_INPUTS)
    commutes: ClassVar[bool] = True

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """The common shape."""
        if len({len(shape) for shape in inputs}) > 1:
            raise ShapeError(message("same_axes", kind=self.kind))
        sizes = [set(axis) - {1} for axis in zip(*inputs, strict=True)]
        if any(len(different) > 1 for different in sizes):
            raise ShapeError(message("same_shape", kind=self.kind))
        return tuple(different.pop() if different else 1 for different in sizes)


class Add(_Merging):
    """The sum."""


class Subtract(_Merging):
    """The first less the second."""

    inputs: ClassVar[tuple[int, int]] = (2, 2)
    commutes: ClassVar[bool] = False


class Multiply(_Merging):
    """The product."""


class Average(_Merging):
    """The mean."""


class Maximum(_Merging):
    """The larger."""


class Minimum(_Merging):
    """The smaller."""


@dataclass(frozen=True)
class Concatenate(Layer):
    """One after the other along an axis."""

    inputs: ClassVar[tuple[int, int]] = (2, MOST_INPUTS)
    axis: int = option(integer(-8, 8), -1)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """The sizes along the axis added up."""
        (axis,) = axes_of((self.axis,), len(inputs[0]))
        rest = {(*shape[: axis - 1], *shape[axis:]) for shape in inputs}
        if len(rest) > 1 or len({len(shape) for shape in inputs}) > 1:
            raise ShapeError(message("differ_along", kind=self.kind, axis=axis))
        total = sum(shape[axis - 1] for shape in inputs)
        return (*inputs[0][: axis - 1], total, *inputs[0][axis:])
