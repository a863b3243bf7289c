"""Layers that disturb training so that a network does not learn by heart; they do nothing afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from grader.domain.layers.base import Layer, Shape, need_rank
from grader.domain.layers.convolution import axes_message
from grader.domain.layers.option import number, option


class Disturbing(Layer):
    """A layer with a random seed, which the trainer chooses."""

    ignored: ClassVar[Mapping[str, Any]] = {"seed": None}

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> Disturbing:
        """As any layer, without the seed."""
        return super().read({name: value for name, value in config.items() if name != "seed"})


@dataclass(frozen=True)
class Dropout(Disturbing):
    """Each number is zero with probability `rate`."""

    rate: float = option(number(0, 0.999))
    ignored: ClassVar[Mapping[str, Any]] = {"noise_shape": None}


@dataclass(frozen=True)
class SpatialDropout2D(Disturbing):
    """Each channel is zero with probability `rate`."""

    rate: float = option(number(0, 0.999))
    ignored: ClassVar[Mapping[str, Any]] = {"data_format": "channels_last"}

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it came in."""
        need_rank(inputs[0], 3, axes_message("SpatialDropout2D", 2))
        return inputs[0]


@dataclass(frozen=True)
class GaussianNoise(Disturbing):
    """Noise is added."""

    stddev: float = option(number(0, 1))


@dataclass(frozen=True)
class GaussianDropout(Disturbing):
    """Every number times noise around one."""

    rate: float = option(number(0, 0.999))


@dataclass(frozen=True)
class AlphaDropout(Disturbing):
    """Dropout that keeps mean and variance, for selu."""

    rate: float = option(number(0, 0.999))
    ignored: ClassVar[Mapping[str, Any]] = {"noise_shape": None}


@dataclass(frozen=True)
class SpatialDropout1D(Disturbing):
    """Each channel of a sequence is zero with probability `rate`."""

    rate: float = option(number(0, 0.999))

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it came in."""
        need_rank(inputs[0], 2, axes_message("SpatialDropout1D", 1))
        return inputs[0]


@dataclass(frozen=True)
class ActivityRegularization(Layer):
    """The numbers themselves, which the loss is told to keep small."""

    l1: float = option(number(0, 10), 0.0)
    l2: float = option(number(0, 10), 0.0)
