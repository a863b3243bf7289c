"""Other spellings of a network, after the rules of `grader/domain/canonical.py`: each must pass.

Those that add or take away a layer object do not apply where names or outputs of layers are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from grader.domain import edit
from grader.domain.layers import ELU, Activation, Dropout, Flatten, Identity, Layer, ReLU, Reshape, Softmax
from grader.domain.model_spec import ModelSpec, NamedLayer
from workers.mutation.mutant import Aspect, Mutant, View

OBJECTS: dict[str, Layer] = {"relu": ReLU(), "softmax": Softmax(), "elu": ELU()}


def in_place(model: ModelSpec) -> Iterator[Mutant]:
    """Each layer under another of its names; a Reshape in place of Flatten."""
    for place, node in enumerate(model.nodes):
        layer = model.layers[node.layer].layer
        if isinstance(layer, Activation) and layer.activation in OBJECTS:
            yield _rewriting("layer object", model, place, OBJECTS[layer.activation])
        if isinstance(layer, Flatten):
            yield _rewriting("Reshape for Flatten", model, place, Reshape(model.shapes[place]))


def regrouped(model: ModelSpec) -> Iterator[Mutant]:
    """Activations split from their layers or joined with them, layers that do nothing, a ReLU twice."""
    for place in edit.inner(model):
        named = model.layer_of(place)
        own = getattr(named.layer, "activation", "linear")
        told = edit.place_name(model, place)
        if _can_split(model, place):
            yield _passes("activation apart", told, _split(model, place))
        if own == "relu":
            twice = edit.inserted(model, place, NamedLayer("relu_again", Activation("relu")))
            yield _passes("ReLU twice", told, twice)
        for nothing in (Activation("linear"), Identity(), Dropout(0.0)):
            more = edit.inserted(model, place, NamedLayer("nothing", nothing))
            yield _passes("does nothing", f"{nothing.notation()} after {told}", more)
    for first, second in edit.neighbours(model):
        layer, after = model.layer_of(first).layer, model.layer_of(second).layer
        if getattr(layer, "activation", "") == "linear" and isinstance(after, Activation):
            joined = edit.without(model, second)
            joined = edit.with_layer(
                joined,
                joined.nodes[first].layer,
                replace(layer, activation=after.activation),  # type: ignore[call-arg]
            )
            yield _passes("activation within", edit.place_name(model, first), joined)


def reordered(model: ModelSpec) -> Iterator[Mutant]:
    """Each activation apart and then moved past each layer that it may pass."""
    apart = model
    for place in reversed(range(len(model.nodes))):
        if _can_split(model, place):
            apart = _split(apart, place)
    wanted = View(model).form
    for first, second in edit.neighbours(apart):
        changed = edit.swapped(apart, first, second)
        if changed != apart and _form(changed) == wanted:
            told = f"{edit.place_name(apart, first)} after {edit.place_name(apart, second)}"
            yield _passes("order", told, changed)


def _can_split(model: ModelSpec, place: int) -> bool:
    layer = model.layer_of(place).layer
    used_once = [node.layer for node in model.nodes].count(model.nodes[place].layer) == 1
    return (
        used_once and not isinstance(layer, Activation) and getattr(layer, "activation", "linear") != "linear"
    )


def _split(model: ModelSpec, place: int) -> ModelSpec:
    """The activation of a node's layer as a layer of its own."""
    named = model.layer_of(place)
    plain = replace(named.layer, activation="linear")  # type: ignore[call-arg]
    own = Activation(named.layer.activation)  # type: ignore[attr-defined]
    changed = edit.with_layer(model, model.nodes[place].layer, plain)
    return edit.inserted(changed, place, NamedLayer(f"{named.name}_activation", own))


def _form(model: ModelSpec) -> object:
    try:
        return View(model).form
    except ValueError:  # shapes that do not fit
        return None


def _rewriting(operator: str, model: ModelSpec, place: int, layer: Layer) -> Mutant:
    changed = edit.with_layer(model, model.nodes[place].layer, layer)
    return _passes(operator, edit.place_name(model, place), changed)


def _passes(operator: str, change: str, model: ModelSpec) -> Mutant:
    return Mutant(operator, change, Aspect.LAYERS, model)


IN_PLACE = (in_place,)
OTHERS = (regrouped, reordered)
