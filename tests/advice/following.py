"""Carries out what a report says is to be changed first, by its words and the student's own model alone."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from grader.domain.edit import inserted, swapped, with_in_front, with_input, with_layer, with_named, without
from grader.domain.layers import Activation, Dense, Flatten, Layer, Permute, ShapeError
from grader.domain.message import Message
from grader.domain.model_spec import ModelSpec, NamedLayer
from grader.domain.report import CheckResult
from tests.advice import settings
from tests.advice.reading import CannotTell, layer_of, numbered, place_of, spelled


@dataclass(frozen=True)
class Step:
    """What is read: the check that failed first, and the model that it looked at."""

    told: Message
    check: CheckResult
    model: ModelSpec

    @property
    def wanted(self) -> Layer:
        """The layer behind Expected."""
        return layer_of(self.check.expected)


def follow(model: ModelSpec, check: CheckResult) -> ModelSpec:
    """The model of a student who does what the report says; CannotTell where the words leave that open."""
    assert check.message is not None
    told = check.message
    remedy = _remedy(check.hint)
    if remedy is not None:
        return _REMEDIES[remedy.code](model, remedy)
    if told.code in settings.OF_COMPILE:
        return replace(model, compiled=settings.followed(model.compiled, told, check.expected))
    code = told.code.removesuffix("_nth")
    if code.startswith("wrong_order"):
        code = code.removesuffix("_first")
    if code not in _STEPS:
        raise CannotTell(f"nothing is told that a program could write ({told.code})")
    return _STEPS[code](Step(told, check, model))


def _remedy(hint: Message | None) -> Message | None:
    if hint is None or hint.code != "why_and_what":
        return None
    what = hint.params["what"]
    return what if isinstance(what, Message) and what.code in _REMEDIES else None


# --- places ---------------------------------------------------------------------------------------------------


def _sources(step: Step) -> list[int]:
    """The nodes after which something should come; the input where nothing is named."""
    after = step.told.params.get("after")
    if after is None:
        return [step.model.inputs[0]]
    words = [after]
    while isinstance(words[0], Message) and words[0].code == "both":
        words[:1] = [words[0].params["first"], words[0].params["second"]]
    return [place_of(step.model, one) for one in words]


def _is_inside(model: ModelSpec, place: int, layer: Layer) -> bool:
    """Whether a layer of the comparison is the activation inside a node's own layer."""
    return layer in spelled(model, place)[1:]


def _apart(model: ModelSpec, place: int) -> ModelSpec:
    """The same network, an activation inside the node as a layer behind it."""
    named = model.layer_of(place)
    name = getattr(named.layer, "activation", "linear")
    if isinstance(named.layer, Activation) or name == "linear":
        return model
    plain = with_layer(model, model.nodes[place].layer, replace(named.layer, activation="linear"))  # type: ignore[call-arg]
    return inserted(plain, place, NamedLayer(f"{named.name}_activation", Activation(name)))


def _put(model: ModelSpec, sources: list[int], layer: Layer, after: object) -> ModelSpec:
    place, *also = sources
    node = model.layer_of(place).layer
    free = getattr(node, "activation", None) == "linear" and not isinstance(node, Activation)
    if isinstance(layer, Activation) and free and not also:
        return with_layer(model, model.nodes[place].layer, replace(node, activation=layer.activation))  # type: ignore[call-arg]
    if not str(after).startswith("Activation(") and "Activation(" not in str(after):
        model = _apart(model, place)
    return inserted(model, place, NamedLayer("put_in", layer), tuple(also))


def _takers(model: ModelSpec, source: int, layer: Layer) -> list[int]:
    """The nodes that are this layer and take what the source gives; the source itself for an activation inside it."""
    inside = [source] if _is_inside(model, source, layer) else []
    return inside + [
        place
        for place, node in enumerate(model.nodes)
        if source in node.inputs and layer in [*map(_plain, spelled(model, place)[:1])]
    ]


def _plain(layer: Layer) -> Layer:
    usual = {f.name: f.default for f in fields(layer) if f.name.endswith("_initializer")}
    return replace(layer, **usual)  # type: ignore[arg-type]


def _one(places: list[int], what: object) -> int:
    if not places:
        raise CannotTell(f"{what} does not stand there")
    return places[0]


def _gone(model: ModelSpec, place: int, layer: Layer) -> ModelSpec:
    """The model without a layer, which may be the activation inside another."""
    if _is_inside(model, place, layer):
        own = model.layer_of(place).layer
        return with_layer(model, model.nodes[place].layer, replace(own, activation="linear"))  # type: ignore[call-arg]
    nodes = list(model.nodes)
    # Of a sum the operand stays that was made last: nothing hangs in the air then.
    nodes[place] = replace(nodes[place], inputs=(max(nodes[place].inputs),))
    return without(_apart(replace(model, nodes=tuple(nodes)), place), place)


# --- what is told ---------------------------------------------------------------------------------------------


def _missing(step: Step) -> ModelSpec:
    return _put(step.model, _sources(step), step.wanted, step.told.params.get("after"))


def _extra(step: Step) -> ModelSpec:
    layer = layer_of(step.check.actual)
    return _gone(step.model, _one(_takers(step.model, _sources(step)[0], layer), step.check.actual), layer)


def _other(step: Step) -> ModelSpec:
    given = layer_of(step.check.actual)
    place = _one(_takers(step.model, _sources(step)[0], given), step.check.actual)
    if _is_inside(step.model, place, given):
        model = _apart(step.model, place)
        return with_layer(model, model.nodes[place + 1].layer, step.wanted)
    model = step.model if isinstance(given, Activation) else _apart(step.model, place)
    return with_layer(model, model.nodes[place].layer, step.wanted)


def _swapped(step: Step) -> ModelSpec:
    model, words = step.model, [step.told.params[name] for name in ("first", "second")]
    for one in words:
        model = _apart(model, place_of(model, one))
    first, second = (place_of(model, one) for one in words)
    if second not in model.nodes[first].inputs:
        raise CannotTell("the two layers do not follow each other")
    return swapped(model, second, first)


def _moved(step: Step) -> ModelSpec:
    model, words = step.model, step.told.params["layer"]
    place = place_of(model, words)
    layer = layer_of(words.params["layer"] if isinstance(words, Message) else words)
    after = _sources(step)
    if place in after:
        raise CannotTell("the layer should come after itself")
    inside = _is_inside(model, place, layer)
    left = _gone(model, place, layer)
    moved = after if inside else [source - (source > place) for source in after]
    return _put(left, moved, layer, step.told.params.get("after"))


def _silent(step: Step) -> ModelSpec:
    return with_layer(step.model, _named(step.model, step.told.params["layer"]), step.wanted)


def _named(model: ModelSpec, name: object) -> int:
    return next(at for at, named in enumerate(model.layers) if named.name == name)


def _setting(step: Step) -> ModelSpec:
    model, option = step.model, str(step.told.params["option"])
    kind, nth = step.told.params["layer"], step.told.params.get("nth")
    words = Message("the_nth", {"nth": nth, "layer": kind}) if nth is not None else kind
    place = model.nodes[place_of(model, words, kind=True)].layer
    expected = step.check.expected
    if isinstance(expected, Message) and expected.code == "layer_with":
        value: Any = ast.literal_eval(str(expected.params["value"]))
    else:
        value = getattr(step.wanted, option)
    return with_layer(model, place, replace(model.layers[place].layer, **{option: value}))


def _frozen(step: Step) -> ModelSpec:
    place = _named(step.model, step.told.params["layer"])
    return with_named(step.model, place, replace(step.model.layers[place], trainable=True))


def _last_activation(step: Step) -> ModelSpec:
    last = step.model.outputs[0]
    given = layer_of(step.check.actual)
    if not isinstance(given, Activation):
        return _put(step.model, [last], step.wanted, step.check.actual)
    model = _apart(step.model, last) if _is_inside(step.model, last, given) else step.model
    return with_layer(model, model.nodes[model.outputs[0]].layer, step.wanted)


def _logits(step: Step) -> ModelSpec:
    model = step.model
    while not isinstance(last := spelled(model, model.outputs[0])[-1], Dense):
        model = _gone(model, model.outputs[0], last)
    return model


def _input_shape(step: Step) -> ModelSpec:
    return with_input(step.model, _shape(step.check.expected))


def _colours_last(step: Step) -> ModelSpec:
    last = [
        replace(named, layer=replace(named.layer, data_format="channels_last"))  # type: ignore[call-arg]
        if hasattr(named.layer, "data_format")
        else named
        for named in step.model.layers
    ]
    model = with_input(replace(step.model, layers=tuple(last)), _shape(step.check.expected))
    turned = [at for at in range(len(model.nodes)) if isinstance(model.layer_of(at).layer, Permute)]
    return without(model, turned[0]) if turned else model


def _shape(words: object) -> tuple[int, ...]:
    return tuple(ast.literal_eval(str(words))[1:])


def _output_shape(step: Step) -> ModelSpec:
    wanted = _shape(step.check.expected)
    return _searched(step.model, lambda model: model.output_shapes == (wanted,))


def _shape_after(step: Step) -> ModelSpec:
    wanted, number = _shape(step.check.expected), step.told.params["number"]
    kind = step.told.params["kind"]

    def fits(model: ModelSpec) -> bool:
        there = [at for at in range(len(model.nodes)) if model.layer_of(at).layer.kind == kind]
        return len(there) >= number and model.shapes[there[number - 1]] == wanted  # type: ignore[operator]

    return _searched(step.model, fits)


def _layer_params(step: Step) -> ModelSpec:
    wanted, number, kind = step.check.expected, step.told.params["number"], step.told.params["kind"]

    def fits(model: ModelSpec) -> bool:
        there = [at for at, named in enumerate(model.layers) if named.layer.kind == kind]
        return f"{model.weights[there[number - 1]].total:,}" == wanted  # type: ignore[operator]

    return _searched(step.model, fits)


_TRIED: Mapping[str, tuple[Any, ...]] = {
    "units": (1, 2, 5, 10, 500),
    "filters": (15, 16, 32, 64),
    "kernel_size": ((2, 2), (3, 3), (5, 5)),
    "strides": (None, (1, 1), (2, 2)),
    "padding": ("valid", "same"),
    "pool_size": ((2, 2), (3, 3)),
    "use_bias": (True,),
}
"""What somebody tries who is told what must come out."""


def _searched(model: ModelSpec, fits: Callable[[ModelSpec], bool]) -> ModelSpec:
    """The first change of one option, last layers first, that makes it so."""
    for changed in _changes(model):
        try:
            if fits(changed):
                return changed
        except (ShapeError, IndexError, TypeError):  # as strides=None of a convolution
            continue
    raise CannotTell("no change of one option gives that shape or number")


def _changes(model: ModelSpec) -> Iterator[ModelSpec]:
    for place in range(len(model.layers) - 1, -1, -1):
        layer = model.layers[place].layer
        for option, values in _TRIED.items():
            for value in values if hasattr(layer, option) else ():
                yield with_layer(model, place, replace(layer, **{option: value}))


def _names(step: Step) -> ModelSpec:
    names = iter(str(step.check.expected).split(", "))
    inputs = {step.model.nodes[place].layer for place in step.model.inputs}
    layers = [
        named if at in inputs else replace(named, name=next(names))
        for at, named in enumerate(step.model.layers)
    ]
    return replace(step.model, layers=tuple(layers))


def _input_name(step: Step) -> ModelSpec:
    place = step.model.nodes[step.model.inputs[0]].layer
    return with_named(step.model, place, replace(step.model.layers[place], name=str(step.check.expected)))


def _every_output(step: Step) -> ModelSpec:
    return replace(
        step.model, outputs=tuple(at for at in range(len(step.model.nodes)) if at not in step.model.inputs)
    )


_STEPS: Mapping[str, Callable[[Step], ModelSpec]] = {
    "wrong_order_missing": _missing,
    "wrong_order_extra": _extra,
    "wrong_order_other": _other,
    "wrong_order_swapped": _swapped,
    "wrong_order_moved": _moved,
    "layer_does_nothing": _silent,
    "note_dropout_zero": _silent,
    "wrong_setting": _setting,
    "frozen_layer": _frozen,
    "wrong_last_activation": _last_activation,
    "not_logits": _logits,
    "wrong_input_shape": _input_shape,
    "colours_first": _colours_last,
    "wrong_output_shape": _output_shape,
    "wrong_shape_after": _shape_after,
    "wrong_layer_params": _layer_params,
    "wrong_layer_names": _names,
    "wrong_input_name": _input_name,
    "wrong_model_name": lambda step: replace(step.model, name=str(step.check.expected)),
    "already_built": lambda step: replace(step.model, built_for_you=True),
    "missing_output": _every_output,
    "outputs_in_disorder": _every_output,
}


# --- what a diagnosis says is to be written --------------------------------------------------------------------


def _flatten(model: ModelSpec, told: Message) -> ModelSpec:
    changed = with_in_front(model, _like(model, told), NamedLayer("flatten_put_in", Flatten()))
    if changed is None:
        raise CannotTell("others take what the Dense gets, too")
    return changed


def _like(model: ModelSpec, told: Message) -> int:
    """The node that “the second Dense(512)” means, further options of the layer aside."""
    number, words = numbered(told.params["layer"])
    start = str(words).removesuffix(")")
    found = [
        at
        for at in range(len(model.nodes))
        for layer in spelled(model, at)[:1]
        if layer.notation().startswith((f"{start},", f"{start})"))
    ]
    return found[max(number - 1, 0)]


def _leave_out(option: str) -> Callable[[ModelSpec, Message], ModelSpec]:
    def changed(model: ModelSpec, told: Message) -> ModelSpec:
        place = model.nodes[_like(model, told)].layer
        layer = model.layers[place].layer
        usual = next(f.default for f in fields(layer) if f.name == option)
        return with_layer(model, place, replace(layer, **{option: usual}))  # type: ignore[arg-type]

    return changed


_REMEDIES: Mapping[str, Callable[[ModelSpec, Message], ModelSpec]] = {
    "remedy_dense_on_a_picture": _flatten,
    "remedy_equal_start": _leave_out("kernel_initializer"),
    "remedy_shut_units": _leave_out("bias_initializer"),
}
