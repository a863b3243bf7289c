"""Operators on what a layer is set to: sizes, padding, the kind of pooling, activations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from grader.domain import edit
from grader.domain.layers import (
    ELU,
    LAYERS,
    Activation,
    Conv1D,
    Conv2D,
    Conv3D,
    Dense,
    Layer,
    LeakyReLU,
    PReLU,
    ReLU,
    Softmax,
)
from grader.domain.model_spec import ModelSpec
from workers.mutation.mutant import Aspect, Mutant

WITH_KERNEL = (Dense, Conv1D, Conv2D, Conv3D)
OWN_ACTIVATIONS = (ReLU, LeakyReLU, ELU, PReLU, Softmax)


def numbers(model: ModelSpec) -> Iterator[Mutant]:
    """Every option that an exercise may ask for, of every layer, at other values."""
    last = _last_layer(model)
    for place, named in enumerate(model.layers):
        for option in fields(named.layer):
            for value in _others(option.name, getattr(named.layer, option.name)):
                classes = place == last and option.name in ("units", "filters")
                yield Mutant(
                    "classes" if classes else option.name,
                    f"{_told(model, place)}: {value}",
                    Aspect.OUTPUT if classes else Aspect.OPTIONS,
                    edit.with_layer(model, place, replace(named.layer, **{option.name: value})),
                    option.name,
                )


def pooling_kind(model: ModelSpec) -> Iterator[Mutant]:
    """The mean in place of the largest number, and the other way round."""
    for place, named in enumerate(model.layers):
        kind = named.layer.kind
        other = kind.replace("Max", "Average") if "Max" in kind else kind.replace("Average", "Max")
        if "Pooling" in kind and other != kind:
            options = {option.name: getattr(named.layer, option.name) for option in fields(named.layer)}
            changed = edit.with_layer(model, place, LAYERS[other](**options))
            yield Mutant("pooling kind", f"{_told(model, place)}: {other}", Aspect.LAYERS, changed)


def pooling_strides(model: ModelSpec) -> Iterator[Mutant]:
    """A window that moves by one place, not by its own size."""
    for place, named in enumerate(model.layers):
        window = getattr(named.layer, "pool_size", None)
        if window and getattr(named.layer, "strides", 0) is None and set(window) != {1}:
            slower = replace(named.layer, strides=(1,) * len(window))  # type: ignore[call-arg]
            changed = edit.with_layer(model, place, slower)
            yield Mutant("strides", _told(model, place), Aspect.OPTIONS, changed, "strides")


def activations(model: ModelSpec) -> Iterator[Mutant]:
    """Every activation becomes another or is lost; a layer with a kernel that has none gets one."""
    last = _last_layer(model)
    for place, named in enumerate(model.layers):
        for layer in _activated(named.layer):
            if place == last:
                operator, aspect = "last activation", Aspect.HEAD
            else:
                operator, aspect = "activation", Aspect.LAYERS
            name = getattr(layer, "activation", layer.kind)
            yield Mutant(
                operator, f"{_told(model, place)}: {name}", aspect, edit.with_layer(model, place, layer)
            )


def no_rate(model: ModelSpec) -> Iterator[Mutant]:
    """A dropout whose rate is 0, which does nothing."""
    for place, named in enumerate(model.layers):
        if getattr(named.layer, "rate", 0):
            changed = edit.with_layer(model, place, replace(named.layer, rate=0.0))  # type: ignore[call-arg]
            yield Mutant("rate 0", _told(model, place), Aspect.LAYERS, changed)


def _others(option: str, value: Any) -> tuple[Any, ...]:
    """Other values of one option; none for those that no exercise asks for."""
    match option:
        case "units" | "filters":
            return (value * 2, value // 2) if value > 1 else (value + 1,)
        case "kernel_size":
            return (tuple(side + 2 for side in value), tuple(side + 1 for side in value))
        case "pool_size":
            return (tuple(side + 1 for side in value), tuple(side + 2 for side in value))
        case "strides" if value is not None:
            moved = any(side > 1 for side in value)
            return (tuple(1 if moved else 2 for _ in value),)
        case "padding" if isinstance(value, str):
            return ("same" if value == "valid" else "valid",)
        case "use_bias":
            return (not value,)
        case "rate":
            return (value / 2, (1 + value) / 2) if value else ()
        case "alpha" | "negative_slope" | "threshold" if isinstance(value, float):
            return (value * 2 + 0.1,)
        case _:
            return ()


def _activated(layer: Layer) -> Iterator[Layer]:
    """The layer with other activations."""
    if isinstance(layer, OWN_ACTIVATIONS):
        yield from (Activation(name) for name in ("tanh", "linear"))
        return
    own = getattr(layer, "activation", None)
    if own is None or (own == "linear" and not isinstance(layer, WITH_KERNEL)):
        return
    names = ("relu", "softmax") if own == "linear" else ("linear", "tanh", "sigmoid", "relu")
    yield from (replace(layer, activation=name) for name in names if name != own)  # type: ignore[call-arg]


def _last_layer(model: ModelSpec) -> int:
    """The layer that gives the last output."""
    return model.nodes[model.outputs[-1]].layer


def _told(model: ModelSpec, layer: int) -> str:
    return f"layer {layer} {model.layers[layer].layer.kind}"


OPERATORS = (numbers, pooling_kind, pooling_strides, activations, no_rate)
