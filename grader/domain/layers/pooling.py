"""Pooling: one number for each window, or for each channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from grader.domain.layers.base import Shape, size_of
from grader.domain.layers.convolution import Spatial, windows
from grader.domain.layers.option import MAX_STRIDE, flag, option, optional, sizes, word


@dataclass(frozen=True)
class _Pooling(Spatial):
    """A window that slides over the picture; without strides it moves by its own size."""

    pool_size: tuple[int, ...] = (2, 2)
    strides: tuple[int, ...] | None = None
    padding: str = option(word("valid", "same"), "valid")

    def __post_init__(self) -> None:
        """Strides spelled out as the window's own size are the default."""
        if self.strides == self.pool_size:
            object.__setattr__(self, "strides", None)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(windows along each axis …, channels)."""
        spatial, channels = self.split(inputs[0])
        counted = tuple(
            windows(size, window, stride, self.padding)
            for size, window, stride in zip(
                spatial, self.pool_size, self.strides or self.pool_size, strict=True
            )
        )
        return self.join(counted, channels)

    def operations(self, inputs: tuple[Shape, ...]) -> int:
        """One look at each place of each window."""
        return size_of(self.pool_size) * size_of(self.output_shape(inputs))

    def fits_exactly(self, shape: Shape) -> bool:
        """Whether padding "same" would pad nothing: the last window ends where the picture does, or before."""
        spatial, _ = self.split(shape)
        return all(
            (windows(size, window, stride, "same") - 1) * stride + window <= size
            for size, window, stride in zip(
                spatial, self.pool_size, self.strides or self.pool_size, strict=True
            )
        )


@dataclass(frozen=True, kw_only=True)
class _Pooling2D(_Pooling):
    """Pooling over pictures."""

    pool_size: tuple[int, ...] = option(sizes(2, 1, MAX_STRIDE), (2, 2))
    strides: tuple[int, ...] | None = option(optional(sizes(2, 1, MAX_STRIDE)), None)


class MaxPooling2D(_Pooling2D):
    """The largest number of each window."""


class AveragePooling2D(_Pooling2D):
    """The mean of each window."""


@dataclass(frozen=True, kw_only=True)
class _Pooling1D(_Pooling):
    """Pooling over sequences."""

    rank: ClassVar[int] = 1
    pool_size: tuple[int, ...] = option(sizes(1, 1, MAX_STRIDE), (2,))
    strides: tuple[int, ...] | None = option(optional(sizes(1, 1, MAX_STRIDE)), None)


class MaxPooling1D(_Pooling1D):
    """The largest number of each window."""


class AveragePooling1D(_Pooling1D):
    """The mean of each window."""


@dataclass(frozen=True, kw_only=True)
class _Pooling3D(_Pooling):
    """Pooling over volumes."""

    rank: ClassVar[int] = 3
    pool_size: tuple[int, ...] = option(sizes(3, 1, MAX_STRIDE), (2, 2, 2))
    strides: tuple[int, ...] | None = option(optional(sizes(3, 1, MAX_STRIDE)), None)


class MaxPooling3D(_Pooling3D):
    """The largest number of each window."""


class AveragePooling3D(_Pooling3D):
    """The mean of each window."""


@dataclass(frozen=True, kw_only=True)
class _GlobalPooling(Spatial):
    """One number for each channel."""

    keepdims: bool = option(flag, default=False)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(channels,), or ones in place of the other axes."""
        spatial, channels = self.split(inputs[0])
        return self.join((1,) * len(spatial), channels) if self.keepdims else (channels,)


class GlobalMaxPooling2D(_GlobalPooling):
    """The largest number of each channel."""


class GlobalAveragePooling2D(_GlobalPooling):
    """The mean of each channel."""


class _GlobalPooling1D(_GlobalPooling):
    """One number for each channel of a sequence."""

    rank: ClassVar[int] = 1


class GlobalMaxPooling1D(_GlobalPooling1D):
    """The largest number of each channel."""


class GlobalAveragePooling1D(_GlobalPooling1D):
    """The mean of each channel."""


class _GlobalPooling3D(_GlobalPooling):
    """One number for each channel of a volume."""

    rank: ClassVar[int] = 3


class GlobalMaxPooling3D(_GlobalPooling3D):
    """The largest number of each channel."""


class GlobalAveragePooling3D(_GlobalPooling3D):
    """The mean of each channel."""
