"""Operators whose architecture is right and that cannot learn, and one that is too big to be tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

from grader.domain import edit
from grader.domain.layers import Layer, size_of
from grader.domain.layers.kernel import Kernel
from grader.domain.layers.option import MAX_DIMENSION
from grader.domain.layers.weighting import ZEROS, Choice
from grader.domain.model_spec import ModelSpec
from workers.mutation.mutant import Aspect, Mutant

FAR_BELOW_ZERO = Choice("Constant", (("value", -100.0),))
"""Behind such a bias every ReLU is shut, and no gradient comes back through it."""

TOO_BIG = 100_000_000
"""Weights of one layer, or numbers that it gives for one sample, that no exercise comes near."""


def all_zeros(model: ModelSpec) -> Iterator[Mutant]:
    """Every kernel starts at zero, so that nothing but the last bias learns."""
    changed = model
    for place, named in enumerate(model.layers):
        if isinstance(named.layer, Kernel):
            zeros = replace(named.layer, kernel_initializer=ZEROS)
            changed = edit.with_layer(changed, place, zeros)
    if len([1 for held in model.weights if held.trainable]) > 1:
        yield Mutant("all zeros", "every kernel", Aspect.ACCURACY, changed)


def shut(model: ModelSpec) -> Iterator[Mutant]:
    """Every ReLU stays shut: what feeds it has a bias far below zero."""
    changed = model
    for place, node in enumerate(model.nodes):
        layer = model.layers[node.layer].layer
        options = [name for name in ("bias_initializer", "beta_initializer") if hasattr(layer, name)]
        if options and _feeds_relu(model, place):
            closed = replace(layer, **{options[0]: FAR_BELOW_ZERO})
            changed = edit.with_layer(changed, node.layer, closed)
    if changed != model:
        yield Mutant("ReLU shut", "every one", Aspect.ACCURACY, changed)


def too_big(model: ModelSpec) -> Iterator[Mutant]:
    """Each size of a layer at the largest number that a layer may have, where that makes it far too big to train."""
    for place, named in enumerate(model.layers):
        for option in fields(named.layer):
            if option.name in ("units", "filters"):
                large = replace(named.layer, **{option.name: MAX_DIMENSION})
                changed = edit.with_layer(model, place, large)
                if max(changed.weights[place].total, *map(size_of, changed.shapes)) > TOO_BIG:
                    told = f"layer {place} {named.layer.kind}: {MAX_DIMENSION}"
                    yield Mutant("too big", told, Aspect.BUDGET, changed)


def _feeds_relu(model: ModelSpec, place: int) -> bool:
    """Whether a ReLU takes what a node gives, within it or after it."""
    own = model.layer_of(place).layer
    takers = [model.layer_of(at).layer for at, node in enumerate(model.nodes) if place in node.inputs]
    return _is_relu(own) or any(_is_relu(layer) and not isinstance(layer, Kernel) for layer in takers)


def _is_relu(layer: Layer) -> bool:
    return layer.kind == "ReLU" or getattr(layer, "activation", "") == "relu"


OPERATORS = (all_zeros, shut, too_big)
