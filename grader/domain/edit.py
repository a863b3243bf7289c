"""Changes to the graph of a model. What comes out may fit nowhere: its shapes say so when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from grader.domain.layers import InputLayer, Layer
from grader.domain.model_spec import ModelSpec, NamedLayer, Node


def inner(model: ModelSpec) -> Iterator[int]:
    """The places of nodes that take exactly one input."""
    return (place for place, node in enumerate(model.nodes) if len(node.inputs) == 1)


def place_name(model: ModelSpec, place: int) -> str:
    """A node for people: its place after the input and its kind."""
    return f"{place}. {model.layer_of(place).layer.kind}"


def with_layer(model: ModelSpec, layer: int, new: Layer) -> ModelSpec:
    """The layer at a place of `layers` in another kind or with other options."""
    return with_named(model, layer, replace(model.layers[layer], layer=new))


def with_named(model: ModelSpec, layer: int, new: NamedLayer) -> ModelSpec:
    """The layer at a place of `layers`, its name and whether it learns, replaced."""
    return replace(model, layers=(*model.layers[:layer], new, *model.layers[layer + 1 :]))


def with_input(model: ModelSpec, shape: tuple[int, ...]) -> ModelSpec:
    """The first input of another shape."""
    return with_layer(model, model.nodes[model.inputs[0]].layer, InputLayer(shape))


def without(model: ModelSpec, place: int) -> ModelSpec:
    """A node of one input left out: who took its result takes its input; its own output goes when there are others."""
    (source,) = model.nodes[place].inputs
    moved = {old: old - (old > place) for old in range(len(model.nodes)) if old != place}
    moved[place] = moved[source]
    kept = [node for old, node in enumerate(model.nodes) if old != place]
    nodes = tuple(replace(node, inputs=tuple(moved[old] for old in node.inputs)) for node in kept)
    outputs = model.outputs
    if len(outputs) > 1:
        outputs = tuple(output for output in outputs if output != place) or (source,)
    return _tidied(
        replace(
            model,
            nodes=nodes,
            inputs=tuple(moved[old] for old in model.inputs),
            outputs=tuple(moved[old] for old in outputs),
        )
    )


def inserted(model: ModelSpec, place: int, new: NamedLayer | int, also: tuple[int, ...] = ()) -> ModelSpec:
    """A node after another: a new layer, or one that is there already by its place. `also` are more inputs of it.

    Who took the old node's result takes the new one's. Of several outputs the new one is one more.
    """
    layers = model.layers if isinstance(new, int) else (*model.layers, new)
    layer = new if isinstance(new, int) else len(model.layers)
    moved = {old: old + (old > place) for old in range(len(model.nodes))}

    def taken(old: int) -> int:
        return place + 1 if old == place else moved[old]

    nodes = [
        replace(node, inputs=tuple(taken(old) for old in node.inputs)) if at > place else node
        for at, node in enumerate(model.nodes)
    ]
    nodes.insert(place + 1, Node(layer, (place, *also)))
    if len(model.outputs) == 1:
        outputs = tuple(taken(old) for old in model.outputs)
    else:
        outputs = tuple(
            new for old in model.outputs for new in ((place, place + 1) if old == place else (moved[old],))
        )
    return replace(
        model,
        layers=layers,
        nodes=tuple(nodes),
        inputs=tuple(moved[old] for old in model.inputs),
        outputs=outputs,
    )


def with_in_front(model: ModelSpec, place: int, new: NamedLayer) -> ModelSpec | None:
    """A new layer in front of a node that alone takes what its only input gives; None where others take it too."""
    (source, *others) = model.nodes[place].inputs
    takers = [node for node in model.nodes if source in node.inputs]
    if others or len(takers) > 1 or source in model.outputs:
        return None
    return inserted(model, source, new)


def swapped(model: ModelSpec, first: int, second: int) -> ModelSpec:
    """Two nodes with each other's layers."""
    nodes = list(model.nodes)
    nodes[first] = replace(nodes[first], layer=model.nodes[second].layer)
    nodes[second] = replace(nodes[second], layer=model.nodes[first].layer)
    return replace(model, nodes=tuple(nodes))


def used_again(model: ModelSpec, layer: int, place: int) -> ModelSpec:
    """A node that uses a layer which is there already."""
    nodes = list(model.nodes)
    nodes[place] = replace(nodes[place], layer=layer)
    return _tidied(replace(model, nodes=tuple(nodes)))


def neighbours(model: ModelSpec) -> Iterator[tuple[int, int]]:
    """Pairs of nodes where the second alone takes what the first gives."""
    for second in inner(model):
        (first,) = model.nodes[second].inputs
        takers = [node for node in model.nodes if first in node.inputs]
        if len(takers) == 1 and len(model.nodes[first].inputs) == 1:
            yield first, second


def _tidied(model: ModelSpec) -> ModelSpec:
    """The model without layers that no node uses."""
    used = sorted({node.layer for node in model.nodes})
    new = {old: place for place, old in enumerate(used)}
    return replace(
        model,
        layers=tuple(model.layers[old] for old in used),
        nodes=tuple(replace(node, layer=new[node.layer]) for node in model.nodes),
    )
