"""Layers that make pictures larger or smaller without weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from grader.domain.layers.base import Layer, Shape, ShapeError, need_rank
from grader.domain.layers.convolution import Spatial, axes_message
from grader.domain.layers.option import MAX_PADDING, MAX_STRIDE, integer, margins, option, sizes
from grader.domain.message import message

Margins = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, kw_only=True)
class ZeroPadding2D(Spatial):
    """A border of zeroes: ((top, bottom), (left, right))."""

    padding: Margins = option(margins, ((1, 1), (1, 1)))

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """The picture and its border."""
        spatial, channels = self.split(inputs[0])
        return self.join(
            tuple(s + sum(edge) for s, edge in zip(spatial, self.padding, strict=True)), channels
        )


@dataclass(frozen=True, kw_only=True)
class Cropping2D(Spatial):
    """A border cut off: ((top, bottom), (left, right))."""

    cropping: Margins = option(margins, ((0, 0), (0, 0)))

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """The picture without its border."""
        spatial, channels = self.split(inputs[0])
        left = tuple(s - sum(edge) for s, edge in zip(spatial, self.cropping, strict=True))
        if min(left) < 1:
            raise ShapeError(message("crops_all", cropping=str(self.cropping), size=str(spatial)))
        return self.join(left, channels)


def _ends(value: Any) -> tuple[int, int]:
    """(left, right); a single number stands for both."""
    left, right = sizes(2, 0, MAX_PADDING)(value)
    return (left, right)


@dataclass(frozen=True, kw_only=True)
class ZeroPadding1D(Spatial):
    """Zeroes at both ends of a sequence."""

    rank: ClassVar[int] = 1
    padding: tuple[int, int] = option(_ends, (1, 1))

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """The sequence and its ends."""
        (length,), channels = self.split(inputs[0])
        return self.join((length + sum(self.padding),), channels)


@dataclass(frozen=True)
class Cropping1D(Layer):
    """Both ends of a sequence cut off."""

    cropping: tuple[int, int] = option(_ends, (1, 1))

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """The sequence without its ends."""
        need_rank(inputs[0], 2, axes_message("Cropping1D", 1))
        length, channels = inputs[0]
        if length <= sum(self.cropping):
            raise ShapeError(message("crops_all", cropping=str(self.cropping), size=str(length)))
        return (length - sum(self.cropping), channels)


@dataclass(frozen=True)
class UpSampling1D(Layer):
    """Each step several times."""

    size: int = option(integer(1, MAX_STRIDE), 2)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """The length times the size."""
        need_rank(inputs[0], 2, axes_message("UpSampling1D", 1))
        return (inputs[0][0] * self.size, inputs[0][1])


@dataclass(frozen=True, kw_only=True)
class UpSampling2D(Spatial):
    """Each pixel several times."""

    size: tuple[int, ...] = option(sizes(2, 1, MAX_STRIDE), (2, 2))
    ignored: ClassVar[Mapping[str, Any]] = {"interpolation": "nearest"}

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """Each axis times its size."""
        spatial, channels = self.split(inputs[0])
        return self.join(tuple(s * times for s, times in zip(spatial, self.size, strict=True)), channels)
