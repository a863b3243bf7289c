"""Convolutions. Shapes are (height, width, channels), or (channels, height, width) for channels first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from grader.domain.layers.base import Layer, Shape, ShapeError, Weights, need_rank, size_of
from grader.domain.layers.kernel import Kernel
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

FORMATS = word("channels_last", "channels_first")
LAYOUT = {1: "(length, channels)", 2: "(height, width, channels)"}


@dataclass(frozen=True, kw_only=True)
class Spatial(Layer):
    """What all layers on pictures and sequences share: where the channels stand."""

    rank: ClassVar[int] = 2
    data_format: str = option(FORMATS, "channels_last")

    def split(self, shape: Shape) -> tuple[Shape, int]:
        """(spatial axes, channels) of a shape."""
        need_rank(shape, self.rank + 1, f"{self.kind} takes {self.rank + 1} axes: {LAYOUT[self.rank]}.")
        if self.data_format == "channels_first":
            return shape[1:], shape[0]
        return shape[:-1], shape[-1]

    def join(self, spatial: Shape, channels: int) -> Shape:
        """The opposite of `split`."""
        if self.data_format == "channels_first":
            return (channels, *spatial)
        return (*spatial, channels)


def windows(size: int, window: int, stride: int, padding: str) -> int:
    """How many windows fit along one axis (Keras: floor for valid, ceiling for same and causal)."""
    if padding != "valid":
        return -(-size // stride)
    if size < window:
        detail = f"A window of {window} does not fit into {size} pixels."
        raise ShapeError(detail)
    return (size - window) // stride + 1


@dataclass(frozen=True, kw_only=True)
class _PlainConvolution(Kernel, Spatial):
    """A convolution with a kernel over all channels of its group."""

    filters: int = option(integer(1, MAX_DIMENSION))
    activation: str = option(activation, "linear")
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    dilation_rate: tuple[int, ...]
    padding: str = option(word("valid", "same"), "valid")
    groups: int = option(integer(1, MAX_DIMENSION), 1)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(windows along each axis …, filters)."""
        spatial, channels = self.split(inputs[0])
        if channels % self.groups or self.filters % self.groups:
            detail = (
                f"{channels} channels and {self.filters} filters cannot be split into {self.groups} groups."
            )
            raise ShapeError(detail)
        return self.join(self._windows(spatial), self.filters)

    def _windows(self, spatial: Shape) -> Shape:
        spans = [
            (kernel - 1) * rate + 1 for kernel, rate in zip(self.kernel_size, self.dilation_rate, strict=True)
        ]
        return tuple(
            windows(size, span, stride, self.padding)
            for size, span, stride in zip(spatial, spans, self.strides, strict=True)
        )

    def weights(self, inputs: tuple[Shape, ...]) -> Weights:
        """Kernel times channels times filters, and one bias per filter."""
        _, channels = self.split(inputs[0])
        kernel = size_of(self.kernel_size) * (channels // self.groups) * self.filters
        return Weights(kernel + self.filters * self.use_bias)

    def operations(self, inputs: tuple[Shape, ...]) -> int:
        """One multiplication per kernel weight and window."""
        _, channels = self.split(inputs[0])
        kernel = size_of(self.kernel_size) * (channels // self.groups)
        return kernel * size_of(self.output_shape(inputs))


@dataclass(frozen=True, kw_only=True)
class Conv2D(_PlainConvolution):
    """A convolution over pictures."""

    kernel_size: tuple[int, ...] = option(sizes(2, 1, MAX_KERNEL))
    strides: tuple[int, ...] = option(sizes(2, 1, MAX_STRIDE), (1, 1))
    dilation_rate: tuple[int, ...] = option(sizes(2, 1, MAX_STRIDE), (1, 1))


@dataclass(frozen=True, kw_only=True)
class Conv1D(_PlainConvolution):
    """A convolution over sequences."""

    rank: ClassVar[int] = 1
    kernel_size: tuple[int, ...] = option(sizes(1, 1, MAX_KERNEL))
    strides: tuple[int, ...] = option(sizes(1, 1, MAX_STRIDE), (1,))
    dilation_rate: tuple[int, ...] = option(sizes(1, 1, MAX_STRIDE), (1,))
    padding: str = option(word("valid", "same", "causal"), "valid")


@dataclass(frozen=True, kw_only=True)
class DepthwiseConv2D(Spatial):
    """One kernel per channel."""

    kernel_size: tuple[int, ...] = option(sizes(2, 1, MAX_KERNEL))
    strides: tuple[int, ...] = option(sizes(2, 1, MAX_STRIDE), (1, 1))
    padding: str = option(word("valid", "same"), "valid")
    depth_multiplier: int = option(integer(1, 64), 1)
    dilation_rate: tuple[int, ...] = option(sizes(2, 1, MAX_STRIDE), (1, 1))
    activation: str = option(activation, "linear")
    use_bias: bool = option(flag, default=True)
    depthwise_initializer: Choice = option(initializer, GLOROT)
    bias_initializer: Choice = option(initializer, ZEROS)
    depthwise_regularizer: Choice | None = option(optional(regularizer), None)
    bias_regularizer: Choice | None = option(optional(regularizer), None)
    activity_regularizer: Choice | None = option(optional(regularizer), None)
    depthwise_constraint: Choice | None = option(optional(constraint), None)
    bias_constraint: Choice | None = option(optional(constraint), None)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(windows, windows, channels times multiplier)."""
        spatial, channels = self.split(inputs[0])
        spans = [
            (kernel - 1) * rate + 1 for kernel, rate in zip(self.kernel_size, self.dilation_rate, strict=True)
        ]
        counted = tuple(
            windows(size, span, stride, self.padding)
            for size, span, stride in zip(spatial, spans, self.strides, strict=True)
        )
        return self.join(counted, channels * self.depth_multiplier)

    def weights(self, inputs: tuple[Shape, ...]) -> Weights:
        """Kernel times outputs, and one bias per output channel."""
        _, channels = self.split(inputs[0])
        outputs = channels * self.depth_multiplier
        return Weights(size_of(self.kernel_size) * outputs + outputs * self.use_bias)

    def operations(self, inputs: tuple[Shape, ...]) -> int:
        """One multiplication per kernel weight and window."""
        return size_of(self.kernel_size) * size_of(self.output_shape(inputs))


@dataclass(frozen=True, kw_only=True)
class SeparableConv2D(Spatial):
    """One kernel per channel, then a 1 × 1 convolution."""

    filters: int = option(integer(1, MAX_DIMENSION))
    kernel_size: tuple[int, ...] = option(sizes(2, 1, MAX_KERNEL))
    strides: tuple[int, ...] = option(sizes(2, 1, MAX_STRIDE), (1, 1))
    padding: str = option(word("valid", "same"), "valid")
    dilation_rate: tuple[int, ...] = option(sizes(2, 1, MAX_STRIDE), (1, 1))
    depth_multiplier: int = option(integer(1, 64), 1)
    activation: str = option(activation, "linear")
    use_bias: bool = option(flag, default=True)
    depthwise_initializer: Choice = option(initializer, GLOROT)
    pointwise_initializer: Choice = option(initializer, GLOROT)
    bias_initializer: Choice = option(initializer, ZEROS)
    depthwise_regularizer: Choice | None = option(optional(regularizer), None)
    pointwise_regularizer: Choice | None = option(optional(regularizer), None)
    bias_regularizer: Choice | None = option(optional(regularizer), None)
    activity_regularizer: Choice | None = option(optional(regularizer), None)
    depthwise_constraint: Choice | None = option(optional(constraint), None)
    pointwise_constraint: Choice | None = option(optional(constraint), None)
    bias_constraint: Choice | None = option(optional(constraint), None)

    def _depthwise(self) -> DepthwiseConv2D:
        return DepthwiseConv2D(
            kernel_size=self.kernel_size,
            strides=self.strides,
            padding=self.padding,
            depth_multiplier=self.depth_multiplier,
            dilation_rate=self.dilation_rate,
            data_format=self.data_format,
            use_bias=False,
        )

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(windows, windows, filters)."""
        depthwise = self._depthwise()
        spatial, _ = depthwise.split(depthwise.output_shape(inputs))
        return self.join(spatial, self.filters)

    def weights(self, inputs: tuple[Shape, ...]) -> Weights:
        """Both kernels, and one bias per filter."""
        _, channels = self.split(inputs[0])
        between = channels * self.depth_multiplier
        kernels = size_of(self.kernel_size) * between + between * self.filters
        return Weights(kernels + self.filters * self.use_bias)

    def operations(self, inputs: tuple[Shape, ...]) -> int:
        """Both steps."""
        _, channels = self.split(inputs[0])
        pointwise = size_of(self.output_shape(inputs)) * channels * self.depth_multiplier
        return self._depthwise().operations(inputs) + pointwise
