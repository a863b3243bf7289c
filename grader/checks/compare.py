"""Lays the layers of a model beside those that were asked for, and finds where they first differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from difflib import SequenceMatcher

from grader.domain.canonical import canonical, without_start
from grader.domain.layers import Activation, Layer, ShapeError
from grader.domain.model_spec import ModelSpec, chain
from grader.domain.report import DiffLine

Pair = tuple[Layer | None, Layer | None]
"""(expected, actual); None where one side has nothing."""


def kind_of(layer: Layer) -> str:
    """What a layer is, apart from its settings; activations are told apart by their function."""
    return layer.activation if isinstance(layer, Activation) else layer.kind


def canonical_chain(model: ModelSpec) -> tuple[Layer, ...] | None:
    """The model's layers in canonical order, initializers aside; None when the model branches."""
    layers = canonical(model).layers
    return None if layers is None else tuple(without_start(layer) for layer in layers)


def asked_chain(model: ModelSpec, asked: Sequence[Layer]) -> tuple[Layer, ...]:
    """What was asked for, in the canonical order it has on this model's input."""
    try:
        layers = canonical_chain(chain(model.input_shapes[0], *asked))
    except ShapeError:
        layers = None
    return tuple(asked) if layers is None else layers


def align(expected: Sequence[Layer], actual: Sequence[Layer]) -> list[Pair]:
    """Both sequences side by side, with as many equal kinds facing each other as possible."""
    matcher = SequenceMatcher(
        None, [kind_of(e) for e in expected], [kind_of(a) for a in actual], autojunk=False
    )
    pairs: list[Pair] = []
    for _, i1, i2, j1, j2 in matcher.get_opcodes():
        left: list[Layer | None] = [*expected[i1:i2]]
        right: list[Layer | None] = [*actual[j1:j2]]
        if len(left) == len(right):
            pairs.extend(zip(left, right, strict=True))
        else:
            pairs.extend((layer, None) for layer in left)
            pairs.extend((None, layer) for layer in right)
    return pairs


def diff(pairs: Sequence[Pair]) -> tuple[DiffLine, ...]:
    """The comparison as lines of a report."""
    return tuple(
        DiffLine(_line_kind(expected, actual), _notation(expected), _notation(actual))
        for expected, actual in pairs
    )


def changed_option(expected: Layer, actual: Layer) -> str | None:
    """The first option in which two layers of one kind differ."""
    return next(
        (f.name for f in fields(expected) if getattr(expected, f.name) != getattr(actual, f.name, None)), None
    )


def _notation(layer: Layer | None) -> str | None:
    return None if layer is None else layer.notation()


def _line_kind(expected: Layer | None, actual: Layer | None) -> str:
    if actual is None:
        return "missing"
    if expected is None:
        return "extra"
    return "same" if expected == actual else "changed"
