"""Convolutions. Shapes are (height, width, channels), or (channels, height, width) for channels first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

from grader.domain.layers.base import Layer, Shape, ShapeError, need_rank, size_of
from grader.domain.layers.kernel import Kernel
from grader.domain.layers.option import (
    MAX_DIMENSION,
    MAX_KERNEL,
    MAX_STRIDE,
    BadOption,
    activation,
    integer,
    option,
    sizes,
    word,
)
from grader.domain.message import Message, message

FORMATS = word("channels_last", "channels_first")
LAYOUT = {
    1: "(length, channels)",
    2: "(height, width, channels)",
    3: "(depth, height, width, channels)",
}


def axes_message(kind: str, rank: int) -> Message:
    """What a layer takes that works along `rank` axes and has channels."""
    return message("takes_axes", kind=kind, axes=rank + 1, layout=LAYOUT[rank])


@dataclass(frozen=True, kw_only=True)
class Spatial(Layer):
    """What all layers on pictures and sequences share: where the channels stand."""

    rank: ClassVar[int] = 2
    data_format: str = option(FORMATS, "channels_last")

    def split(self, shape: Shape) -> tuple[Shape, int]:
        """(spatial axes, channels) of a shape."""
        need_rank(shape, self.rank + 1, axes_message(self.kind, self.rank))
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
        raise ShapeError(message("window_too_large", window=window, size=size))
    return (size - window) // stride + 1


class Sliding(Protocol):
    """A layer whose kernel slides over its input."""

    @property
    def kernel_size(self) -> tuple[int, ...]:
        """The window along each axis."""

    @property
    def strides(self) -> tuple[int, ...]:
        """How far it moves."""

    @property
    def dilation_rate(self) -> tuple[int, ...]:
        """How far apart its places are."""

    @property
    def padding(self) -> str:
        """What becomes of the edges."""


def slid(layer: Sliding, spatial: Shape) -> Shape:
    """How many windows of a kernel fit along each axis."""
    if max(layer.strides) > 1 and max(layer.dilation_rate) > 1:
        raise ShapeError(message("strides_and_dilation"))
    sides = zip(spatial, layer.kernel_size, layer.dilation_rate, layer.strides, strict=True)
    return tuple(
        windows(size, (kernel - 1) * rate + 1, stride, layer.padding) for size, kernel, rate, stride in sides
    )


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
            odd = channels if channels % self.groups else self.filters
            raise ShapeError(message("groups", channels=odd, groups=self.groups))
        return self.join(slid(self, spatial), self.filters)

    def weight_shapes(self, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:
        """Kernel times channels of a group times filters, and one bias per filter."""
        _, channels = self.split(inputs[0])
        return self.with_bias((*self.kernel_size, channels // self.groups, self.filters))

    def operations(self, inputs: tuple[Shape, ...]) -> int:
        """One multiplication per kernel weight and window; groups cost what TensorFlow makes of them.

        On a processor it computes groups through XLA, which was measured to take as long as the whole convolution
        once per group.
        """
        _, channels = self.split(inputs[0])
        kernel = size_of(self.kernel_size) * channels * self.groups
        return kernel * size_of(self.output_shape(inputs))

    def hidden(self, inputs: tuple[Shape, ...]) -> int:
        """What XLA keeps of groups was measured to be some four times their output."""
        grouped = 4 * size_of(self.output_shape(inputs)) if self.groups > 1 else 0
        return super().hidden(inputs) + grouped


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
class Conv3D(_PlainConvolution):
    """A convolution over volumes."""

    rank: ClassVar[int] = 3
    kernel_size: tuple[int, ...] = option(sizes(3, 1, MAX_KERNEL))
    strides: tuple[int, ...] = option(sizes(3, 1, MAX_STRIDE), (1, 1, 1))
    dilation_rate: tuple[int, ...] = option(sizes(3, 1, MAX_STRIDE), (1, 1, 1))


@dataclass(frozen=True, kw_only=True)
class _Transposed(Kernel, Spatial):
    """A convolution the other way round: every pixel becomes a window."""

    filters: int = option(integer(1, MAX_DIMENSION))
    activation: str = option(activation, "linear")
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: str = option(word("valid", "same"), "valid")
    ignored: ClassVar[Mapping[str, Any]] = {**Kernel.ignored, "output_padding": None}

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> Self:
        """As any layer; a dilation rate of 1 may be spelled out."""
        rate = config.get("dilation_rate", 1)
        if rate not in (1, [1] * cls.rank):
            raise BadOption("dilation_rate", message("left_at", value="1"))
        return super().read({name: value for name, value in config.items() if name != "dilation_rate"})

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(pixels times stride …, filters), and what a window reaches further where nothing is cut off."""
        spatial, _ = self.split(inputs[0])
        sides = zip(spatial, self.kernel_size, self.strides, strict=True)
        further = self.padding == "valid"
        return self.join(
            tuple(size * stride + further * max(kernel - stride, 0) for size, kernel, stride in sides),
            self.filters,
        )

    def weight_shapes(self, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:
        """Kernel times filters times channels, and one bias per filter."""
        _, channels = self.split(inputs[0])
        bias = {"bias": (self.filters,)} if self.use_bias else {}
        return {"kernel": (*self.kernel_size, self.filters, channels), **bias}

    def operations(self, inputs: tuple[Shape, ...]) -> int:
        """One multiplication per kernel weight and pixel."""
        return size_of(self.kernel_size) * self.filters * size_of(inputs[0])


@dataclass(frozen=True, kw_only=True)
class Conv1DTranspose(_Transposed):
    """Over sequences."""

    rank: ClassVar[int] = 1
    kernel_size: tuple[int, ...] = option(sizes(1, 1, MAX_KERNEL))
    strides: tuple[int, ...] = option(sizes(1, 1, MAX_STRIDE), (1,))


@dataclass(frozen=True, kw_only=True)
class Conv2DTranspose(_Transposed):
    """Over pictures."""

    kernel_size: tuple[int, ...] = option(sizes(2, 1, MAX_KERNEL))
    strides: tuple[int, ...] = option(sizes(2, 1, MAX_STRIDE), (1, 1))
