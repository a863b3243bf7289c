"""One notation for one function: the layers that a layer stands for. `canonical` tells the rules and their reasons."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from grader.domain.layers import (
    ELU,
    Activation,
    ActivityRegularization,
    AlphaDropout,
    BatchNormalization,
    Concatenate,
    Cropping1D,
    Cropping2D,
    Dropout,
    Flatten,
    GaussianDropout,
    GaussianNoise,
    GroupNormalization,
    Identity,
    InputLayer,
    Layer,
    LayerNormalization,
    LeakyReLU,
    Permute,
    ReLU,
    RepeatVector,
    Rescaling,
    Reshape,
    Shape,
    Softmax,
    SpatialDropout1D,
    SpatialDropout2D,
    UpSampling1D,
    UpSampling2D,
    ZeroPadding1D,
    ZeroPadding2D,
)
from grader.domain.layers.convolution import Spatial, windows
from grader.domain.layers.option import MAX_DIMENSION, MAX_RESHAPED
from grader.domain.layers.pooling import _Pooling as Pooling
from grader.domain.layers.weighting import Choice

_SCALED = {
    (1.0, "fan_avg", "uniform"): "GlorotUniform",
    (1.0, "fan_avg", "truncated_normal"): "GlorotNormal",
    (2.0, "fan_in", "uniform"): "HeUniform",
    (2.0, "fan_in", "truncated_normal"): "HeNormal",
    (1.0, "fan_in", "uniform"): "LecunUniform",
    (1.0, "fan_in", "truncated_normal"): "LecunNormal",
}
"""Keras defines these initializers as VarianceScaling with (scale, mode, distribution)."""

_NOTHING = (
    Identity(), Activation("linear"), Rescaling(1.0), GaussianNoise(0.0), ActivityRegularization(), LeakyReLU(1.0),
    ReLU(negative_slope=1.0),
)  # fmt: skip
_NOTHING_IF_SHAPE_STAYS = (
    Flatten, Reshape, ZeroPadding1D, ZeroPadding2D, Cropping1D, Cropping2D, UpSampling1D, UpSampling2D,
)  # fmt: skip
_RATED = (Dropout, AlphaDropout, SpatialDropout1D, SpatialDropout2D, GaussianDropout)

_PENALTY_DEFAULTS = {"L1": {"l1": 0.01}, "L2": {"l2": 0.01}, "L1L2": {}}


def spelled_out(layer: Layer, inputs: tuple[Shape, ...], output: Shape) -> list[Layer]:
    """The layers that a layer stands for, in order; none when it does nothing. Shapes are without the batch."""
    if isinstance(layer, InputLayer):
        return [layer]
    activation = _activation(getattr(layer, "activation", "linear"))
    if isinstance(layer, Activation):
        return activation
    plain = _plain_options(layer)
    own = [] if does_nothing(plain, inputs[0], output) else [_one_notation(plain, inputs[0], output)]
    # Keras adds a layer's activity regularizer for what comes out behind its activation.
    return [*own, *activation, *_penalty_on_output(layer)]


def does_nothing(layer: Layer, given: Shape, output: Shape) -> bool:
    """Whether a layer hands on every number as it came, in training too. Shapes are without the batch."""
    if isinstance(layer, _NOTHING_IF_SHAPE_STAYS):
        return given == output
    if isinstance(layer, _RATED):
        return layer.rate == 0
    if isinstance(layer, Permute):
        return layer.dims == tuple(sorted(layer.dims))
    if isinstance(layer, Pooling):
        return given == output and set(layer.pool_size) == {1}
    return layer in _NOTHING


def holds_weights(layer: Layer) -> bool:
    """Whether a layer has weights, or statistics, of its own."""
    return any(f.name.endswith("_initializer") for f in fields(layer))


def _activation(name: str) -> list[Layer]:
    if name == "linear":
        return []
    # Keras's own defaults of the function forms: leaky_relu falls by 0.2, elu and celu have alpha 1.
    return [LeakyReLU(0.2)] if name == "leaky_relu" else [Activation("elu" if name == "celu" else name)]


def _plain_options(layer: Layer) -> Layer:
    """The layer without its activation and activity regularizer, with one name for one initializer or regularizer."""
    changed: dict[str, Any] = {}
    for f in fields(layer):
        value = getattr(layer, f.name)
        if f.name == "activation":
            changed[f.name] = "linear"
        elif f.name == "activity_regularizer":
            changed[f.name] = None
        elif f.name.endswith("_regularizer"):
            changed[f.name] = _one_regularizer(value)
        elif f.name.endswith("_initializer"):
            changed[f.name] = _one_initializer(value)
    return replace(layer, **changed)


def _one_regularizer(choice: Choice | None) -> Choice | None:
    penalty = _penalty(choice)
    pulls = {name: getattr(penalty, name) for name in ("l1", "l2") if getattr(penalty, name)}
    return Choice("".join(pulls).upper(), tuple(pulls.items())) if pulls else None


def _penalty(choice: Choice | None) -> ActivityRegularization:
    if choice is None:
        return ActivityRegularization()
    options: Any = {**_PENALTY_DEFAULTS[choice.name], **dict(choice.options)}
    return ActivityRegularization(**options)


def _penalty_on_output(layer: Layer) -> list[Layer]:
    penalty = _penalty(getattr(layer, "activity_regularizer", None))
    return [] if penalty == ActivityRegularization() else [penalty]


def _one_initializer(choice: Choice) -> Choice:
    if choice.name != "VarianceScaling":
        return choice
    options = dict(choice.options)
    spread = options.get("distribution", "truncated_normal")
    spread = "truncated_normal" if spread == "normal" else spread
    name = _SCALED.get((float(options.get("scale") or 1.0), options.get("mode", "fan_in"), spread))  # type: ignore[arg-type]
    return Choice(name) if name else choice


def _one_notation(layer: Layer, given: Shape, output: Shape) -> Layer:
    rank = len(given)
    match layer:
        case ReLU():
            return _plain_relu(layer)
        case LeakyReLU(negative_slope=0) | ELU(alpha=0):
            return Activation("relu")
        case ELU(alpha=1):
            return Activation("elu")
        case Softmax():
            axis = _from_end(layer.axis, rank)
            return Activation("softmax") if axis == -1 else Softmax(axis)
        case Reshape() | RepeatVector(n=1):
            return Flatten() if len(output) == 1 else _reshape(output)
        case GroupNormalization(groups=-1) if max(given) <= MAX_DIMENSION:
            return _one_notation(replace(layer, groups=given[layer.axis - (layer.axis > 0)]), given, output)
        case BatchNormalization() | GroupNormalization() | Concatenate():
            return replace(layer, axis=_from_end(layer.axis, rank))
        case LayerNormalization():
            return replace(layer, axis=tuple(sorted(_from_end(axis, rank) for axis in layer.axis)))
    return _valid(layer) if _pads_nothing(layer, given) else layer


def _reshape(output: Shape) -> Layer:
    """Every size written down, but for one that is larger than an option may be."""
    return Reshape(tuple(-1 if size > MAX_RESHAPED else size for size in output))


def _plain_relu(layer: ReLU) -> Layer:
    if layer == ReLU():
        return Activation("relu")
    if layer == ReLU(max_value=6.0):
        return Activation("relu6")
    if layer == ReLU(negative_slope=layer.negative_slope):
        return LeakyReLU(layer.negative_slope)
    return layer


def _pads_nothing(layer: Layer, given: Shape) -> bool:
    """Whether padding is asked for and there is nothing to pad: the last window ends where the picture does."""
    if isinstance(layer, Pooling):
        return layer.padding == "same" and layer.fits_exactly(given)
    rates = getattr(layer, "dilation_rate", None)
    if not isinstance(layer, Spatial) or rates is None:
        return False
    options: Any = layer
    if options.padding == "causal":  # it pads before the first window, however the last one ends
        return set(options.kernel_size) == {1}
    spatial, _ = layer.split(given)
    sides = zip(spatial, options.kernel_size, rates, options.strides, strict=True)
    return options.padding == "same" and all(
        (windows(size, 1, stride, "same") - 1) * stride + (kernel - 1) * rate + 1 <= size
        for size, kernel, rate, stride in sides
    )


def _valid(layer: Any) -> Layer:
    unpadded: Layer = replace(layer, padding="valid")
    return unpadded


def _from_end(axis: int, rank: int) -> int:
    """An axis counted from the end; Keras counts the batch as axis 0."""
    return axis - (rank + 1) if axis > 0 else axis
