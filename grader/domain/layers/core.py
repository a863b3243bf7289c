"""Layers that every network has: input, Dense, activation, and changes of shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from grader.domain.layers.base import Layer, Shape, ShapeError, need_rank, size_of
from grader.domain.layers.kernel import Kernel
from grader.domain.layers.option import (
    MAX_DIMENSION,
    MAX_RESHAPED,
    activation,
    integer,
    integers,
    number,
    option,
)
from grader.domain.message import message


@dataclass(frozen=True)
class InputLayer(Layer):
    """Where a model begins; `shape` is without the batch."""

    shape: Shape = option(integers(1, MAX_DIMENSION))
    inputs: ClassVar[tuple[int, int]] = (0, 0)
    ignored: ClassVar[Mapping[str, Any]] = {"sparse": False, "ragged": False, "optional": False}

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:  # noqa: ARG002 - nothing comes before it
        """Its own shape."""
        return self.shape


@dataclass(frozen=True)
class Dense(Kernel):
    """Every input joined to every output; works on the last axis."""

    units: int = option(integer(1, MAX_DIMENSION))
    activation: str = option(activation, "linear")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(…, units)."""
        if not inputs[0]:
            raise ShapeError(message("takes_some_axis", kind=self.kind))
        return (*inputs[0][:-1], self.units)

    def weight_shapes(self, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:
        """Inputs times units, and one bias per unit."""
        return self.with_bias((inputs[0][-1], self.units))

    def operations(self, inputs: tuple[Shape, ...]) -> int:
        """One multiplication per weight and position."""
        return size_of(inputs[0]) * self.units


@dataclass(frozen=True)
class Activation(Layer):
    """A function on every number (softmax: on every row)."""

    activation: str = option(activation)


@dataclass(frozen=True)
class Flatten(Layer):
    """All axes in one."""

    ignored: ClassVar[Mapping[str, Any]] = {"data_format": "channels_last"}

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(product of all axes,)."""
        return (size_of(inputs[0]),)


@dataclass(frozen=True)
class Reshape(Layer):
    """The same numbers in another shape; one axis may be -1."""

    target_shape: tuple[int, ...] = option(integers(-1, MAX_RESHAPED))

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """The target, its -1 worked out."""
        size = size_of(inputs[0])
        known = size_of(tuple(axis for axis in self.target_shape if axis != -1))
        free = self.target_shape.count(-1)
        fits = free <= 1 and known > 0 and (size % known == 0 if free else size == known)
        if not fits:
            raise ShapeError(message("does_not_fit", size=size, shape=str(self.target_shape)))
        return tuple(size // known if axis == -1 else axis for axis in self.target_shape)


@dataclass(frozen=True)
class Permute(Layer):
    """Axes in another order, counted from 1."""

    dims: tuple[int, ...] = option(integers(1, 8))

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """The input's axes in the order of `dims`."""
        if sorted(self.dims) != list(range(1, len(inputs[0]) + 1)):
            raise ShapeError(message("dims_once", axes=len(inputs[0])))
        return tuple(inputs[0][axis - 1] for axis in self.dims)


@dataclass(frozen=True)
class RepeatVector(Layer):
    """A vector n times."""

    n: int = option(integer(1, 4096))

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(n, features)."""
        need_rank(inputs[0], 1, message("takes_one_axis", kind=self.kind))
        return (self.n, *inputs[0])


@dataclass(frozen=True)
class Identity(Layer):
    """Nothing."""


@dataclass(frozen=True)
class Rescaling(Layer):
    """x · scale + offset."""

    scale: float = option(number(-1000, 1000))
    offset: float = option(number(-1000, 1000), 0.0)
