"""Layers that make pictures larger or smaller without weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from grader.domain.layers.base import Shape, ShapeError
from grader.domain.layers.convolution import Spatial
from grader.domain.layers.option import margins, option, sizes

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
            detail = f"Cropping {self.cropping} leaves nothing of {spatial}."
            raise ShapeError(detail)
        return self.join(left, channels)


@dataclass(frozen=True, kw_only=True)
class UpSampling2D(Spatial):
    """Each pixel several times."""

    size: tuple[int, ...] = option(sizes(2, 1, 32), (2, 2))
    ignored: ClassVar[Mapping[str, Any]] = {"interpolation": "nearest"}

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """Each axis times its size."""
        spatial, channels = self.split(inputs[0])
        return self.join(tuple(s * times for s, times in zip(spatial, self.size, strict=True)), channels)
