"""Reads what the guest says about a model: an allow-list of layers, bounds on every option, a checked graph.

Nothing here trusts its input: it was written beside student code. What is accepted is a `ModelSpec`; what is not ends
in a `StudentError` whose message names the layer and the option.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from grader.domain.errors import Reason, StudentError
from grader.domain.layers import (
    ADVICE,
    LAYERS,
    BadOption,
    InputLayer,
    Layer,
    OwnFunction,
    Shape,
    ShapeError,
    size_of,
)
from grader.domain.message import Message, Param, message
from grader.domain.model_spec import ModelSpec, NamedLayer, Node

Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class Bounds:
    """How large a model may be. Operations are multiplications of one forward pass of one sample."""

    layers: int = 200
    params: int = 20_000_000
    activations: int = 50_000_000
    operations: int = 5_000_000_000


def read_model(description: Any, bounds: Bounds | None = None) -> ModelSpec:
    """The model that plain values describe; StudentError with reason `bad_model` or `too_big` for what is refused."""
    bounds = bounds or Bounds()
    _need(isinstance(description, Mapping), message("bad_claim"))
    layers = description.get("layers")
    nodes = description.get("nodes")
    _need(isinstance(layers, list) and isinstance(nodes, list) and bool(nodes), message("bad_claim"))
    if max(len(layers), len(nodes)) > bounds.layers:
        raise StudentError(
            Reason.TOO_BIG,
            message("too_many_layers", layers=max(len(layers), len(nodes)), limit=bounds.layers),
        )
    named = tuple(_read_layer(layer) for layer in layers)
    graph = tuple(_read_node(node, place, named) for place, node in enumerate(nodes))
    model = ModelSpec(
        named,
        graph,
        _places(description.get("inputs"), len(graph)),
        _places(description.get("outputs"), len(graph)),
        built_for_you=description.get("built_for_you") is True,
        name=clean(description.get("name", "")),
    )
    _check_graph(model)
    _check_shapes(model, bounds)
    _check_size(model, bounds)
    return model


def plain_model(model: ModelSpec) -> dict[str, Any]:
    """The description that `read_model` reads as this model; options that have their default are left out."""
    return {
        "layers": [
            {
                "kind": one.layer.kind,
                "name": one.name,
                "trainable": one.trainable,
                "options": _changed(one.layer),
            }
            for one in model.layers
        ],
        "nodes": [{"layer": node.layer, "inputs": list(node.inputs)} for node in model.nodes],
        "inputs": list(model.inputs),
        "outputs": list(model.outputs),
        "built_for_you": model.built_for_you,
        "name": model.name,
    }


def _changed(layer: Layer) -> dict[str, Any]:
    usual = {option.name: option.default for option in fields(layer)}
    return {name: value for name, value in layer.plain().items() if getattr(layer, name) != usual[name]}


LINE_ENDS = ("Zl", "Zp")
"""Unicode's own, U+2028 and U+2029: some programs begin a line there, others see nothing."""


def is_shown(character: str) -> bool:
    """Whether it is seen as what it is: no control or direction character, and no other end of a line."""
    category = unicodedata.category(character)
    return category[0] != "C" and category not in LINE_ENDS


def clean(text: Any, limit: int = 64) -> str:
    """A student's word made safe to show: one line, no control or direction characters, cut to `limit`."""
    if not isinstance(text, str):
        text = _told(text)
    kept = "".join(c for c in str(text)[: limit * 4] if is_shown(c) or unicodedata.category(c) in LINE_ENDS)
    return re.sub(r"\s+", " ", kept).strip()[:limit] or "?"


def _told(value: Any) -> str:
    """A plain value in words; what is too long or too deep for Python to write is told by its kind."""
    try:
        return str(value)
    except (RecursionError, ValueError):
        return type(value).__name__


def _refuse(code: str, **params: Param) -> StudentError:
    return StudentError(Reason.BAD_MODEL, message(code, **params))


def _need(condition: object, told: Message) -> None:
    if not condition:
        raise StudentError(Reason.BAD_MODEL, told)


MOST_PLACES = 64
MOST_OPTIONS = 64
"""Of one layer; Keras's largest has some thirty."""


def _places(value: Any, count: int) -> tuple[int, ...]:
    ok = isinstance(value, list) and 0 < len(value) <= MOST_PLACES
    ok = ok and all(
        isinstance(place, int) and not isinstance(place, bool) and 0 <= place < count for place in value
    )
    _need(ok, message("bad_claim"))
    return tuple(value)


def _read_layer(given: Any) -> NamedLayer:
    _need(isinstance(given, Mapping) and isinstance(given.get("options"), Mapping), message("bad_claim"))
    kind = clean(given.get("kind"))
    name = clean(given.get("name"))
    trainable = given.get("trainable", True)
    _need(isinstance(trainable, bool), message("bad_claim"))
    if kind in ADVICE:
        raise _refuse("refused_layer", kind=kind, advice=message(ADVICE[kind]))
    if kind not in LAYERS:
        raise _refuse("unknown_layer", kind=kind)
    return NamedLayer(name, _read_options(kind, name, given["options"]), trainable)


def _read_options(kind: str, name: str, options: Mapping[str, Any]) -> Layer:
    if len(options) > MOST_OPTIONS:
        raise _refuse("bad_claim")
    try:
        return LAYERS[kind].read(options)
    except OwnFunction as error:
        raise _refuse("custom_function", layer=name, option=clean(error.args[0])) from None
    except BadOption as error:
        raise _bad_option(error, name, kind, options.get(error.args[0])) from None
    except TypeError:
        # A required option is missing: no Keras layer describes itself like that.
        raise _refuse("bad_claim") from None


def _bad_option(error: BadOption, name: str, kind: str, value: Any) -> StudentError:
    option, wanted = clean(error.args[0]), message("must_be", wanted=error.args[1])
    shown = clean(value, 80)
    return _refuse("refused_option", layer=name, kind=kind, option=option, value=shown, wanted=wanted)


def _read_node(given: Any, place: int, layers: tuple[NamedLayer, ...]) -> Node:
    _need(isinstance(given, Mapping), message("bad_claim"))
    inputs = given.get("inputs")
    _need(isinstance(inputs, list), message("bad_claim"))
    (layer,) = _places([given.get("layer")], len(layers))
    sources = _places(inputs, max(place, 1)) if inputs else ()
    _need(all(source < place for source in sources), message("bad_claim"))
    fewest, most = layers[layer].layer.inputs
    if not fewest <= len(sources) <= most:
        named = layers[layer]
        wanted = fewest if fewest == most else message("number_range", low=fewest, high=most)
        raise _refuse(
            "wrong_inputs", layer=named.name, kind=named.layer.kind, got=len(sources), wanted=wanted
        )
    return Node(layer, sources)


def _check_graph(model: ModelSpec) -> None:
    """Every node leads to an output, and the inputs are exactly the nodes of InputLayers."""
    used = set(model.outputs)
    for place in range(len(model.nodes) - 1, -1, -1):
        if place in used:
            used.update(model.nodes[place].inputs)
    used.update(model.inputs)
    _need(len(used) == len(model.nodes), message("not_connected"))
    inputs = {
        place for place in range(len(model.nodes)) if isinstance(model.layer_of(place).layer, InputLayer)
    }
    _need(inputs == set(model.inputs) and len(inputs) == len(model.inputs), message("not_connected"))


def _check_shapes(model: ModelSpec, bounds: Bounds) -> None:
    """Every layer can take what it gets, and no tensor is larger than all of them may be together."""
    shapes: list[Shape] = []
    first_use: dict[int, tuple[Shape, ...]] = {}
    for node in model.nodes:
        named = model.layers[node.layer]
        inputs = tuple(shapes[source] for source in node.inputs)
        try:
            shapes.append(named.layer.output_shape(inputs))
            named.layer.check_weights(inputs)
            _check_use(named.layer, inputs, first_use.setdefault(node.layer, inputs))
        except ShapeError as error:
            raise _refuse(
                "bad_shape",
                layer=named.name,
                kind=named.layer.kind,
                shape=shown_shapes(inputs),
                wanted=error.args[0],
            ) from None
        except BadOption as error:
            value = _plain_choice(getattr(named.layer, error.args[0]))
            raise _bad_option(error, named.name, named.layer.kind, value) from None
        if size_of(shapes[-1]) > bounds.activations:
            raise _too_wide(named, shapes[-1], bounds)


def shown_shapes(shapes: tuple[Shape, ...]) -> str | Message:
    """Shapes as one writes them: `(32, 32, 3)`; the first few where there are many."""
    told = ", ".join(map(str, shapes[:3]))
    return told if len(shapes) <= 3 else message("shapes_and_more", shapes=told, more=len(shapes) - 3)  # noqa: PLR2004 - the first few


def _plain_choice(choice: Any) -> str:
    return f"{choice.name}({', '.join(f'{name}={value}' for name, value in choice.options)})"


def _check_use(layer: Layer, inputs: tuple[Shape, ...], first: tuple[Shape, ...]) -> None:
    """ShapeError when a layer that is used again would need other weights, or sees another number of axes."""
    same = layer.weight_shapes(inputs) == layer.weight_shapes(first)
    if not same or [len(shape) for shape in inputs] != [len(shape) for shape in first]:
        raise ShapeError(message("used_twice"))


def _too_wide(named: NamedLayer, shape: Shape, bounds: Bounds) -> StudentError:
    size, limit = size_of(shape), bounds.activations
    return StudentError(
        Reason.TOO_BIG, message("too_large_activations", layer=named.name, size=size, limit=limit)
    )


def _check_size(model: ModelSpec, bounds: Bounds) -> None:
    if model.params > bounds.params:
        largest = max(range(len(model.layers)), key=lambda place: model.weights[place].total)
        told = message(
            "too_many_params",
            params=model.params,
            limit=bounds.params,
            layer=model.layers[largest].name,
            in_layer=model.weights[largest].total,
        )
        raise StudentError(Reason.TOO_BIG, told)
    sizes = [size_of(shape) for shape in model.shapes]
    if sum(sizes) > bounds.activations:
        widest = max(range(len(sizes)), key=lambda place: sizes[place])
        told = message(
            "too_many_activations",
            size=sum(sizes),
            layer=model.layer_of(widest).name,
            in_layer=sizes[widest],
            limit=bounds.activations,
        )
        raise StudentError(Reason.TOO_BIG, told)
    if model.operations > bounds.operations:
        told = message(
            "too_much_work",
            operations=model.operations,
            limit=bounds.operations,
            layer=model.layer_of(model.costliest).name,
        )
        raise StudentError(Reason.TOO_BIG, told)
