"""What assignments expect of single layers and of the model as an object: names, shapes on the way, outputs."""

from __future__ import annotations

from collections.abc import Sequence

from grader.checks.failure import CheckFailed
from grader.domain.layers import InputLayer, Shape
from grader.domain.message import message
from grader.domain.model_spec import ModelSpec


def layer_names(model: ModelSpec, names: Sequence[str]) -> None:
    """The layers after the input have these names, in this order."""
    actual = [named.name for named in model.layers if not isinstance(named.layer, InputLayer)]
    if actual != list(names):
        raise CheckFailed(message("wrong_layer_names"), expected=", ".join(names), actual=", ".join(actual))


def model_name(model: ModelSpec, name: str) -> None:
    """The model itself has this name."""
    if model.name != name:
        raise CheckFailed(message("wrong_model_name"), expected=name, actual=model.name)


def not_built(model: ModelSpec) -> None:
    """The model was handed in without an input shape and without weights."""
    if not model.built_for_you:
        raise CheckFailed(message("already_built"), hint=message("hint_not_built"))


def shape_after(model: ModelSpec, kind: str | Sequence[str], shape: Shape, nth: int = 0) -> None:
    """The `nth` layer of a kind, or of several kinds, counted from 0, gives this shape without the batch."""
    kinds = (kind,) if isinstance(kind, str) else tuple(kind)
    place = _nth(model, kinds, nth)
    actual = model.shapes[place]
    if actual != shape:
        told = message("wrong_shape_after", kind=model.layer_of(place).layer.kind, number=nth + 1)
        raise CheckFailed(told, expected=with_batch(shape), actual=with_batch(actual))


def layer_params(model: ModelSpec, kind: str, params: int, nth: int = 0) -> None:
    """The `nth` layer of a kind, counted from 0, has exactly this many parameters."""
    actual = model.weights[model.nodes[_nth(model, (kind,), nth)].layer].total
    if actual != params:
        told = message("wrong_layer_params", kind=kind, number=nth + 1)
        raise CheckFailed(told, expected=f"{params:,}", actual=f"{actual:,}")


def every_layers_output(model: ModelSpec) -> None:
    """There is one output for each layer, in the order of the layers; the input among them does no harm."""
    layers = [place for place in range(len(model.nodes)) if place not in model.inputs]
    given = [place for place in model.outputs if place not in model.inputs]
    for place in layers:
        if place not in given:
            raise CheckFailed(
                message("missing_output", layer=model.layer_of(place).name), hint=message("hint_every_output")
            )
    if given != layers:
        raise CheckFailed(
            message("outputs_in_disorder"),
            expected=", ".join(model.layer_of(place).name for place in layers),
            actual=", ".join(model.layer_of(place).name for place in given),
        )


def _nth(model: ModelSpec, kinds: tuple[str, ...], nth: int) -> int:
    """The place of the `nth` use of a layer of these kinds."""
    places = [place for place in range(len(model.nodes)) if model.layer_of(place).layer.kind in kinds]
    if nth >= len(places):
        told = message("too_few_of_a_kind", kind=kinds[0], wanted=nth + 1, found=len(places))
        raise CheckFailed(told)
    return places[nth]


def with_batch(shape: Shape) -> str:
    """A shape as Keras writes it: (None, 28, 28)."""
    return "(" + ", ".join(["None", *map(str, shape)]) + ")"
