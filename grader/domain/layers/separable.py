"""Convolutions that keep channels apart: one kernel per channel, and then perhaps a 1 × 1 convolution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from grader.domain.layers.base import Layer, Shape, ShapeError, size_of
from grader.domain.layers.convolution import Spatial, slid
from grader.domain.layers.option import (
    MAX_DIMENSION,
    MAX_KERNEL,
    MAX_STRIDE,
    activation,
    flag,
    integer,
    option,
    optional,
    sizes,
    word,
)
from grader.domain.layers.weighting import GLOROT, ZEROS, Choice, constraint, initializer, regularizer
from grader.domain.message import message


@dataclass(frozen=True, kw_only=True)
class _PerChannel(Spatial):
    """One kernel per channel."""

    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: str = option(word("valid", "same"), "valid")
    depth_multiplier: int = option(integer(1, 64), 1)
    dilation_rate: tuple[int, ...]
    activation: str = option(activation, "linear")
    use_bias: bool = option(flag, default=True)
    depthwise_initializer: Choice = option(initializer, GLOROT)
    bias_initializer: Choice = option(initializer, ZEROS)
    depthwise_regularizer: Choice | None = option(optional(regularizer), None)
    bias_regularizer: Choice | None = option(optional(regularizer), None)
    activity_regularizer: Choice | None = option(optional(regularizer), None)
    depthwise_constraint: Choice | None = option(optional(constraint), None)
    bias_constraint: Choice | None = option(optional(constraint), None)

    def between(self, inputs: tuple[Shape, ...]) -> Shape:
        """(windows …, channels times multiplier): what the kernels of the channels give."""
        spatial, channels = self.split(inputs[0])
        if len(set(self.strides)) > 1:
            raise ShapeError(message("same_strides"))  # TensorFlow knows no others
        return self.join(slid(self, spatial), channels * self.depth_multiplier)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(windows …, channels times multiplier)."""
        return self.between(inputs)

    def weight_shapes(self, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:
        """One kernel per channel and multiplier, and one bias per output channel."""
        _, channels = self.split(inputs[0])
        bias = {"bias": (channels * self.depth_multiplier,)} if self.use_bias else {}
        return {"depthwise": (*self.kernel_size, channels, self.depth_multiplier), **bias}

    def operations(self, inputs: tuple[Shape, ...]) -> int:
        """One multiplication per kernel weight and window."""
        return size_of(self.kernel_size) * size_of(self.between(inputs))


@dataclass(frozen=True, kw_only=True)
class DepthwiseConv1D(_PerChannel):
    """Over sequences."""

    rank: ClassVar[int] = 1
    kernel_size: tuple[int, ...] = option(sizes(1, 1, MAX_KERNEL))
    strides: tuple[int, ...] = option(sizes(1, 1, MAX_STRIDE), (1,))
    dilation_rate: tuple[int, ...] = option(sizes(1, 1, MAX_STRIDE), (1,))


@dataclass(frozen=True, kw_only=True)
class DepthwiseConv2D(_PerChannel):
    """Over pictures."""

    kernel_size: tuple[int, ...] = option(sizes(2, 1, MAX_KERNEL))
    strides: tuple[int, ...] = option(sizes(2, 1, MAX_STRIDE), (1, 1))
    dilation_rate: tuple[int, ...] = option(sizes(2, 1, MAX_STRIDE), (1, 1))


@dataclass(frozen=True, kw_only=True)
class _Pointwise(Layer):
    """What a 1 × 1 convolution has more."""

    filters: int = option(integer(1, MAX_DIMENSION))
    pointwise_initializer: Choice = option(initializer, GLOROT)
    pointwise_regularizer: Choice | None = option(optional(regularizer), None)
    pointwise_constraint: Choice | None = option(optional(constraint), None)


@dataclass(frozen=True, kw_only=True)
class _Separable(_PerChannel, _Pointwise):
    """One kernel per channel, then a 1 × 1 convolution."""

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(windows …, filters)."""
        spatial, _ = self.split(self.between(inputs))
        return self.join(spatial, self.filters)

    def weight_shapes(self, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:
        """Both kernels, and one bias per filter."""
        _, channels = self.split(inputs[0])
        ones = (1,) * self.rank
        bias = {"bias": (self.filters,)} if self.use_bias else {}
        return {
            "depthwise": (*self.kernel_size, channels, self.depth_multiplier),
            "pointwise": (*ones, channels * self.depth_multiplier, self.filters),
            **bias,
        }

    def hidden(self, inputs: tuple[Shape, ...]) -> int:
        """What lies between both steps, too."""
        return super().hidden(inputs) + size_of(self.between(inputs))

    def operations(self, inputs: tuple[Shape, ...]) -> int:
        """Both steps."""
        return super().operations(inputs) + size_of(self.between(inputs)) * self.filters


@dataclass(frozen=True, kw_only=True)
class SeparableConv1D(_Separable):
    """Over sequences."""

    rank: ClassVar[int] = 1
    kernel_size: tuple[int, ...] = option(sizes(1, 1, MAX_KERNEL))
    strides: tuple[int, ...] = option(sizes(1, 1, MAX_STRIDE), (1,))
    dilation_rate: tuple[int, ...] = option(sizes(1, 1, MAX_STRIDE), (1,))


@dataclass(frozen=True, kw_only=True)
class SeparableConv2D(_Separable):
    """Over pictures."""

    kernel_size: tuple[int, ...] = option(sizes(2, 1, MAX_KERNEL))
    strides: tuple[int, ...] = option(sizes(2, 1, MAX_STRIDE), (1, 1))
    dilation_rate: tuple[int, ...] = option(sizes(2, 1, MAX_STRIDE), (1, 1))
