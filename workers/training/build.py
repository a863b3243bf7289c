"""A canonical form → keras.Model. Every weight and every random layer gets a seed that the form and the plan decide."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import keras

from grader.domain.canonical import CanonicalForm, Step
from grader.domain.layers import Disturbing, InputLayer
from grader.domain.layers.weighting import CONSTRAINTS, INITIALIZERS, Choice

_UNSEEDED_INITIALIZERS = ("Zeros", "Ones", "Constant", "Identity")


@dataclass(frozen=True)
class Built:
    """A model, what each step of its form gives, and its layers by the first step that uses them."""

    model: keras.Model
    tensors: Sequence[Any]
    layers: Mapping[int, Any]


def build(form: CanonicalForm, seed: int) -> keras.Model:
    """The model of a form; two forms that are equal give the same weights, bit for bit, for the same seed."""
    return build_steps(form, seed).model


def build_steps(form: CanonicalForm, seed: int) -> Built:
    """The model as `build` makes it, with its parts."""
    tensors: list[Any] = []
    layers: dict[int, keras.Layer] = {}
    for place, step in enumerate(form.steps):
        if isinstance(step.layer, InputLayer):
            tensors.append(keras.Input(step.layer.shape))
            continue
        if step.shares not in layers:
            layers[step.shares] = _keras_layer(step, place, seed)
        inputs = [tensors[source] for source in step.inputs]
        tensors.append(layers[step.shares](inputs if len(inputs) > 1 else inputs[0]))
    inputs = [
        tensor for tensor, step in zip(tensors, form.steps, strict=True) if isinstance(step.layer, InputLayer)
    ]
    model = keras.Model(_one_or_list(inputs), _one_or_list([tensors[output] for output in form.outputs]))
    return Built(model, tensors, layers)


def _one_or_list(tensors: list[Any]) -> Any:
    return tensors[0] if len(tensors) == 1 else tensors


def _keras_layer(step: Step, place: int, seed: int) -> keras.Layer:
    options = {f.name: getattr(step.layer, f.name) for f in fields(step.layer)}
    options = {
        name: _keras_object(value, node_seed(seed, place, name)) if isinstance(value, Choice) else value
        for name, value in options.items()
    }
    if isinstance(step.layer, Disturbing):
        options["seed"] = node_seed(seed, place, "layer")
    layer = getattr(keras.layers, step.layer.kind)(**options, name=f"step_{place}")
    layer.trainable = step.trainable
    return layer


def _keras_object(choice: Choice, seed: int) -> Any:
    options = dict(choice.options)
    if choice.name in INITIALIZERS:
        if choice.name not in _UNSEEDED_INITIALIZERS:
            options["seed"] = seed
        return getattr(keras.initializers, choice.name)(**options)
    family = keras.constraints if choice.name in CONSTRAINTS else keras.regularizers
    return getattr(family, choice.name)(**options)


def node_seed(seed: int, place: int, what: str) -> int:
    """A 31-bit seed for one use in one node of one run."""
    digest = hashlib.sha256(f"{seed}/{place}/{what}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1
