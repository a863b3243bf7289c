"""Reads what a report says as a person would: the words of a layer, and which of several is meant."""

from __future__ import annotations

import ast
from dataclasses import MISSING, fields
from typing import Any

from grader.domain.layers import LAYERS, Layer
from grader.domain.message import Message
from grader.domain.model_spec import ModelSpec
from grader.domain.notation import spelled_out


class CannotTell(Exception):
    """The words are not enough for a program; `str()` says why."""


def layer_of(words: object) -> Layer:
    """The layer that a notation such as `Conv2D(32, (3, 3), padding='same')` stands for; CannotTell for a phrase."""
    if isinstance(words, Message) and words.code == "layer_with":
        raise CannotTell("only one option of the layer is told")
    if not isinstance(words, str):
        raise CannotTell(f"“{words}” is no layer")
    call = ast.parse(words, mode="eval").body
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Name)
    kind = LAYERS[call.func.id]
    required = [f.name for f in fields(kind) if f.default is MISSING]
    options: dict[str, Any] = dict(zip(required, map(_value, call.args), strict=True))
    options |= {str(one.arg): _value(one.value) for one in call.keywords}
    return kind.read(options)


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return {"class": node.func.id, "options": {str(one.arg): _value(one.value) for one in node.keywords}}
    value = ast.literal_eval(node)
    return list(value) if isinstance(value, tuple) else value


def numbered(words: object) -> tuple[int, object]:
    """(2, "Dense(10)") of “the second Dense(10)”; 0 where no number is told. CannotTell for what is no layer."""
    if not isinstance(words, Message):
        return 0, words
    if words.code != "the_nth":
        raise CannotTell(f"“{words.code}” is no layer of the model")
    nth = words.params["nth"]
    assert isinstance(nth, Message)
    return int(nth.code.removeprefix("ordinal_")), words.params["layer"]


def place_of(model: ModelSpec, words: object, *, kind: bool = False) -> int:
    """The node that “the second Dense(10)” means: of a layer with an activation inside it also for that activation.

    With `kind` the words are a kind alone. CannotTell where no layer, or more than one, is like that.
    """
    number, notation = numbered(words)
    found = [
        place
        for place in range(len(model.nodes))
        for layer in spelled(model, place)
        if notation == (layer.kind if kind else layer.notation())
    ]
    if len(found) != 1 and not number:
        raise CannotTell(f"{len(found)} layers are like {notation}")
    if number > len(found):
        raise CannotTell(f"there are {len(found)} of {notation}, not {number}")
    return found[max(number - 1, 0)]


def spelled(model: ModelSpec, place: int) -> list[Layer]:
    """The layers that a node stands for, as the grader writes them."""
    node, shapes = model.nodes[place], model.shapes
    layer = model.layer_of(place).layer
    return spelled_out(layer, tuple(shapes[source] for source in node.inputs), shapes[place])
