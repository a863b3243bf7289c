"""Activations that are no plain words: layers given as activations, functions of TensorFlow and of Keras itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from .refusal import Refused

_LAST = frozenset(
    {"Activation", "Dense", "EinsumDense", "Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose",
     "Conv3DTranspose", "DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D"}
)  # fmt: skip
"""Layers that apply their activation to their result, so that it may as well stand behind them."""

_NAMES = ("relu", "relu6", "leaky_relu", "elu", "selu", "silu", "softplus", "tanh", "sigmoid", "softmax")
_PLACES = {
    "tensorflow.nn": (*_NAMES, "gelu"),
    "keras.ops": _NAMES,  # its gelu is another function than the activation of that name
    "keras.src.legacy.backend": ("relu", "elu", "softplus", "tanh", "sigmoid", "softmax"),
}


def behind(operation: Any, keras: Any) -> Iterator[Any]:
    """The layer that was given as the activation of a layer, and what stands behind that in turn."""
    activation = _layer(operation, "activation", keras)
    if activation is None:
        return
    if type(operation).__name__ not in _LAST:
        _refuse(operation, activation)
    yield activation
    yield from behind(activation, keras)


def without_layers(operation: Any, keras: Any) -> dict[str, Any]:
    """The options in whose place another layer stands; Refused where it cannot stand anywhere else."""
    if getattr(operation, "activation", None) is keras.ops.gelu:
        raise Refused("refused_operation", kind="Gelu(approximate=True)")  # Keras writes it down as "gelu"
    inside = _layer(operation, "recurrent_activation", keras)
    if inside is not None:
        _refuse(operation, inside)
    return {} if _layer(operation, "activation", keras) is None else {"activation": "linear"}


def named(function: Any) -> str | None:
    """The Keras name of an activation function of a library's own, as in `activation=tf.nn.relu`."""
    same = (function, getattr(function, "__wrapped__", function))
    if function is None:
        return None
    for place, names in _PLACES.items():
        module = _module(place)
        for name in names if module is not None else ():
            if any(one is getattr(module, name, None) for one in same):
                return name
    return None


def _module(place: str) -> Any:
    package, _, inside = place.partition(".")
    return sys.modules.get(place) or getattr(sys.modules.get(package), inside, None)


def _layer(operation: Any, option: str, keras: Any) -> Any:
    value = getattr(operation, option, None)
    return value if isinstance(value, keras.Layer) else None


def _refuse(operation: Any, activation: Any) -> None:
    raise Refused("layer_inside", layer=operation.name, kind=type(activation).__name__)
