"""Activations that are layers of their own, with options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.domain.layers.base import Layer, Shape
from grader.domain.layers.normalization import axes_of
from grader.domain.layers.option import integer, integers, number, option, optional
from grader.domain.layers.weighting import ZEROS, Choice, constraint, initializer, regularizer


@dataclass(frozen=True)
class ReLU(Layer):
    """max(x, 0), with Keras's variations."""

    max_value: float | None = option(optional(number(0, 1e6)), None)
    negative_slope: float = option(number(0, 100), 0.0)
    threshold: float = option(number(0, 1e6), 0.0)


@dataclass(frozen=True)
class LeakyReLU(Layer):
    """x, or x · slope below zero."""

    negative_slope: float = option(number(0, 100), 0.3)


@dataclass(frozen=True)
class ELU(Layer):
    """x, or alpha · (eˣ - 1) below zero."""

    alpha: float = option(number(0, 100), 1.0)


def _one_axis(value: Any) -> int:
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    axis: int = integer(-8, 8)(value)
    return axis


@dataclass(frozen=True)
class Softmax(Layer):
    """Probabilities along one axis."""

    axis: int = option(_one_axis, -1)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it came in."""
        axes_of((self.axis,), len(inputs[0]))
        return inputs[0]


@dataclass(frozen=True)
class PReLU(Layer):
    """x, or x · a learned slope below zero."""

    alpha_initializer: Choice = option(initializer, ZEROS)
    alpha_regularizer: Choice | None = option(optional(regularizer), None)
    alpha_constraint: Choice | None = option(optional(constraint), None)
    shared_axes: tuple[int, ...] | None = option(optional(integers(1, 8)), None)

    def weight_shapes(self, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:
        """One slope for each place, or for each place of the axes that are not shared."""
        shared = axes_of(self.shared_axes or (), len(inputs[0]))
        return {"alpha": tuple(1 if axis + 1 in shared else size for axis, size in enumerate(inputs[0]))}
