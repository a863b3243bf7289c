"""Operators on the graph: layers dropped, doubled, swapped, shared, added, and another input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from grader.domain import edit
from grader.domain.layers import Add, BatchNormalization, Dropout
from grader.domain.layers.convolution import Spatial
from grader.domain.model_spec import ModelSpec, NamedLayer
from workers.mutation.mutant import Aspect, Mutant


def dropped(model: ModelSpec) -> Iterator[Mutant]:
    """Each layer is left out."""
    for place in edit.inner(model):
        yield Mutant("dropped", edit.place_name(model, place), Aspect.LAYERS, edit.without(model, place))


def doubled(model: ModelSpec) -> Iterator[Mutant]:
    """Each layer comes twice, the second with weights of its own."""
    for place in edit.inner(model):
        named = model.layer_of(place)
        twice = edit.inserted(model, place, replace(named, name=f"{named.name}_again"))
        yield Mutant("doubled", edit.place_name(model, place), Aspect.LAYERS, twice)


def swapped(model: ModelSpec) -> Iterator[Mutant]:
    """Each two neighbours change places."""
    for first, second in edit.neighbours(model):
        if model.nodes[first].layer != model.nodes[second].layer:
            change = f"{edit.place_name(model, first)} and {edit.place_name(model, second)}"
            yield Mutant("swapped", change, Aspect.LAYERS, edit.swapped(model, first, second))


def added(model: ModelSpec) -> Iterator[Mutant]:
    """A Dropout or a BatchNormalization after each layer."""
    for place in edit.inner(model):
        for layer in (Dropout(0.25), BatchNormalization()):
            change = f"{layer.kind} after {edit.place_name(model, place)}"
            more = edit.inserted(model, place, NamedLayer("one_more", layer))
            yield Mutant("added", change, Aspect.LAYERS, more)


def shared(model: ModelSpec) -> Iterator[Mutant]:
    """A layer with weights is used again in place of an equal one."""
    for first, second in combinations(edit.inner(model), 2):
        one, other = model.nodes[first].layer, model.nodes[second].layer
        equal = one != other and model.layers[one].layer == model.layers[other].layer
        if equal and model.weights[one] == model.weights[other] and model.weights[one].total:
            change = f"{edit.place_name(model, first)} also as {edit.place_name(model, second)}"
            yield Mutant("shared", change, Aspect.LAYERS, edit.used_again(model, one, second))


def bypassed(model: ModelSpec) -> Iterator[Mutant]:
    """What goes into a layer is added to what comes out, where the shapes are equal."""
    for place in edit.inner(model):
        (source,) = model.nodes[place].inputs
        if model.shapes[source] == model.shapes[place]:
            around = edit.inserted(model, place, NamedLayer("sum", Add()), (source,))
            yield Mutant("bypassed", edit.place_name(model, place), Aspect.LAYERS, around)


def frozen(model: ModelSpec) -> Iterator[Mutant]:
    """Each layer with weights is frozen, and all of them."""
    holding = [place for place, held in enumerate(model.weights) if held.trainable]
    for chosen in [*([place] for place in holding), *([holding] if len(holding) > 1 else [])]:
        changed = model
        for place in chosen:
            changed = edit.with_named(changed, place, replace(model.layers[place], trainable=False))
        which = ", ".join(f"layer {place} {model.layers[place].layer.kind}" for place in chosen)
        yield Mutant("frozen", which, Aspect.TRAINABLE, changed)


def other_input(model: ModelSpec) -> Iterator[Mutant]:
    """The input has another size, another number of colours, or other axes."""
    for shape in _other_shapes(model.input_shapes[0]):
        yield Mutant("input shape", str(shape), Aspect.INPUT, edit.with_input(model, shape))
    shape = model.input_shapes[0]
    if any(isinstance(named.layer, Spatial) for named in model.layers):
        moved = edit.with_input(model, (shape[-1], *shape[:-1]))
        for place, named in enumerate(model.layers):
            if isinstance(named.layer, Spatial):
                first = replace(named.layer, data_format="channels_first")
                moved = edit.with_layer(moved, place, first)
        yield Mutant("input shape", "channels first", Aspect.INPUT, moved)


def _other_shapes(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    found = [
        *((*shape[:axis], size + 1, *shape[axis + 1 :]) for axis, size in enumerate(shape)),
        (shape[0] * 2, *shape[1:]),
        (shape[0] * 2, shape[1] * 2, *shape[2:]) if len(shape) > 1 else shape,
        (*shape[:-1], 3 if shape[-1] == 1 else 1),
        (*shape, 1),
        shape[:-1],
    ]
    return (other for other in dict.fromkeys(found) if other and other != shape)


OPERATORS = (dropped, doubled, swapped, added, shared, bypassed, frozen, other_input)
