"""What a training costs, counted before: in multiplications of the convolution that `make costs` measures everything by.

A normalization has no multiplication to speak of and takes as long as a convolution with hundreds for each number; so every kind of
layer has a price for each number that goes in or comes out, most that multiply have one for that as well, and so has each
weight that an optimizer changes in a step. The prices are in `costs.py`, which is made.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.domain.layers.base import Layer, Shape, size_of
from grader.domain.layers.costs import OF_ACTIVATIONS, PER_MULTIPLICATION, PER_NUMBER

_ON_FEW = "on few channels"
_FEW_CHANNELS = 16
"""Below as many a processor computes one number at a time, and its prices are others."""


def work(layer: Layer, inputs: tuple[Shape, ...]) -> int:
    """Of one sample and one of the three passes of a step: forward, backward to inputs, backward to weights."""
    kind, made = kind_of(layer, inputs), size_of(layer.output_shape(inputs))
    products = _price(PER_MULTIPLICATION, kind) * layer.operations(inputs)
    numbers = _price(PER_NUMBER, kind) * (sum(map(size_of, inputs)) + made)
    return products + numbers + _of_activation(layer, inputs) * made


def kind_of(layer: Layer, inputs: tuple[Shape, ...]) -> str:
    """The kind that has a price: gaps in a kernel, groups and few channels are computed in another way."""
    words = [getattr(layer, "activation", layer.kind) if layer.kind == "Activation" else layer.kind]
    if getattr(layer, "groups", 1) > 1 and hasattr(layer, "kernel_size"):
        words.append("in groups")
    if max(getattr(layer, "dilation_rate", (1,)), default=1) > 1:
        words.append("with gaps")
    return " ".join([*words, *_few(layer, inputs)])


def _few(layer: Layer, inputs: tuple[Shape, ...]) -> list[str]:
    made = layer.output_shape(inputs)
    return [_ON_FEW] if len(made) > 1 and made[-1] < _FEW_CHANNELS else []


def _of_activation(layer: Layer, inputs: tuple[Shape, ...]) -> int:
    name = getattr(layer, "activation", "linear")
    return 0 if name == "linear" else _price(OF_ACTIVATIONS, " ".join([name, *_few(layer, inputs)]))


def _price(prices: Mapping[str, int], kind: str) -> int:
    """Of a kind; what has no price on few channels has its own. An input, which computes nothing, has none."""
    return prices.get(kind, prices.get(kind.removesuffix(f" {_ON_FEW}"), 0))
