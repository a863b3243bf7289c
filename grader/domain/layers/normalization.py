"""Layers that keep numbers near zero mean and unit variance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from grader.domain.layers.base import Layer, Shape, ShapeError
from grader.domain.layers.option import MAX_DIMENSION, flag, integer, number, option, optional
from grader.domain.layers.weighting import ONES, ZEROS, Choice, constraint, initializer, regularizer
from grader.domain.message import message


def axes_of(axes: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """Axes counted with the batch as 0, negative ones from the end; ShapeError for one that does not exist."""
    found = tuple(axis if axis > 0 else axis + rank + 1 for axis in axes)
    if not all(0 < axis <= rank for axis in found):
        raise ShapeError(message("axis_range", rank=rank))
    if len(set(found)) < len(found):
        raise ShapeError(message("axis_twice"))
    return found


def _axes(value: Any) -> tuple[int, ...]:
    one = integer(-8, 8)
    return tuple(one(axis) for axis in value) if isinstance(value, list | tuple) else (one(value),)


def _scale_and_centre(places: Shape, scale: bool, center: bool) -> dict[str, Shape]:
    return {name: places for name, kept in (("gamma", scale), ("beta", center)) if kept}


@dataclass(frozen=True)
class BatchNormalization(Layer):
    """Normal over the batch, for each place of one axis."""

    axis: int = option(integer(-8, 8), -1)
    momentum: float = option(number(0, 1), 0.99)
    epsilon: float = option(number(1e-9, 1), 0.001)
    center: bool = option(flag, default=True)
    scale: bool = option(flag, default=True)
    beta_initializer: Choice = option(initializer, ZEROS)
    gamma_initializer: Choice = option(initializer, ONES)
    moving_mean_initializer: Choice = option(initializer, ZEROS)
    moving_variance_initializer: Choice = option(initializer, ONES)
    beta_regularizer: Choice | None = option(optional(regularizer), None)
    gamma_regularizer: Choice | None = option(optional(regularizer), None)
    beta_constraint: Choice | None = option(optional(constraint), None)
    gamma_constraint: Choice | None = option(optional(constraint), None)
    ignored: ClassVar[Mapping[str, Any]] = {
        "synchronized": False,
        "renorm": False,
        "renorm_clipping": None,
        "renorm_momentum": 0.99,
    }
    fixed: ClassVar[frozenset[str]] = frozenset({"moving_mean", "moving_variance"})

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it came in."""
        axes_of((self.axis,), len(inputs[0]))
        return inputs[0]

    def weight_shapes(self, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:
        """Gamma and beta are trained, the moving mean and variance are not."""
        (axis,) = axes_of((self.axis,), len(inputs[0]))
        places = (inputs[0][axis - 1],)
        moving = {"moving_mean": places, "moving_variance": places}
        return _scale_and_centre(places, self.scale, self.center) | moving


@dataclass(frozen=True)
class LayerNormalization(Layer):
    """Normal over the axes of one sample."""

    axis: tuple[int, ...] = option(_axes, (-1,))
    epsilon: float = option(number(1e-9, 1), 0.001)
    center: bool = option(flag, default=True)
    scale: bool = option(flag, default=True)
    beta_initializer: Choice = option(initializer, ZEROS)
    gamma_initializer: Choice = option(initializer, ONES)
    beta_regularizer: Choice | None = option(optional(regularizer), None)
    gamma_regularizer: Choice | None = option(optional(regularizer), None)
    beta_constraint: Choice | None = option(optional(constraint), None)
    gamma_constraint: Choice | None = option(optional(constraint), None)
    ignored: ClassVar[Mapping[str, Any]] = {"rms_scaling": False}

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it came in."""
        axes_of(self.axis, len(inputs[0]))
        return inputs[0]

    def weight_shapes(self, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:
        """Gamma and beta over the axes."""
        places = tuple(inputs[0][axis - 1] for axis in axes_of(self.axis, len(inputs[0])))
        return _scale_and_centre(places, self.scale, self.center)


@dataclass(frozen=True)
class GroupNormalization(Layer):
    """Normal over the groups of one axis; -1 group per place is written as groups=-1."""

    groups: int = option(integer(-1, MAX_DIMENSION), 32)
    axis: int = option(integer(-8, 8), -1)
    epsilon: float = option(number(1e-9, 1), 0.001)
    center: bool = option(flag, default=True)
    scale: bool = option(flag, default=True)
    beta_initializer: Choice = option(initializer, ZEROS)
    gamma_initializer: Choice = option(initializer, ONES)
    beta_regularizer: Choice | None = option(optional(regularizer), None)
    gamma_regularizer: Choice | None = option(optional(regularizer), None)
    beta_constraint: Choice | None = option(optional(constraint), None)
    gamma_constraint: Choice | None = option(optional(constraint), None)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it came in."""
        (axis,) = axes_of((self.axis,), len(inputs[0]))
        places = inputs[0][axis - 1]
        if self.groups == 0 or (self.groups > 0 and places % self.groups):
            raise ShapeError(message("groups", channels=places, groups=self.groups))
        return inputs[0]

    def weight_shapes(self, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:
        """Gamma and beta, one of each per place."""
        (axis,) = axes_of((self.axis,), len(inputs[0]))
        return _scale_and_centre((inputs[0][axis - 1],), self.scale, self.center)


class UnitNormalization(Layer):
    """Every vector at length one."""

    ignored: ClassVar[Mapping[str, Any]] = {"axis": -1}
