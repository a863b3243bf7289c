"""What assignments expect of a model's layers and their settings, and how a difference is told: the first cause first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

from grader.checks.alignment import Line, Place, is_penalty, kind_of
from grader.checks.compare import Comparison, changed_option, compare
from grader.checks.failure import CheckFailed
from grader.checks.network import Network
from grader.checks.places import nth, said
from grader.domain.layers import Dropout, Layer
from grader.domain.message import Message, message
from grader.domain.model_spec import ModelSpec


def layer_order(model: ModelSpec, asked: Sequence[Layer] | ModelSpec) -> None:
    """The kinds of layers are the asked ones, joined as asked, in any of the equal spellings.

    `asked` is a list of layers that follow each other, or a model with branches (`Graph`). How strictly it is taken
    is the assignment's `architecture`.
    """
    comparison = compare(model, asked)
    first = comparison.first_out_of_order()
    if first is not None:
        raise _out_of_order(comparison, first)
    if not comparison.same_outputs:
        raise CheckFailed(message("not_a_chain" if comparison.asked.is_chain else "other_outputs"))


def layer_settings(model: ModelSpec, asked: Sequence[Layer] | ModelSpec) -> None:
    """Every asked layer has the asked options, and none is frozen; the layers themselves are a matter of `layer_order`."""
    trainable(model)
    comparison = compare(model, asked)
    first = comparison.first_out_of_order()
    if first is not None:
        raise _out_of_order(comparison, first)
    first = comparison.first_setting()
    if first is not None:
        raise _other_setting(comparison, first)


def trainable(model: ModelSpec) -> None:
    """No layer with weights is frozen."""
    for named, held in zip(model.layers, model.weights, strict=True):
        if not named.trainable and held.total:
            raise CheckFailed(message("frozen_layer", layer=named.name), hint=message("hint_unfreeze"))


def _out_of_order(comparison: Comparison, first: int) -> CheckFailed:
    line = comparison.lines[first]
    expected, actual = comparison.expected(line), comparison.actual(line)
    given = line.silent.layer if line.silent else actual.layer if actual else None
    told = _told(comparison, line)
    diff = comparison.diff(first)
    if line.kind == "joined":
        asked, found = _sources(comparison, line)
        return CheckFailed(told, expected=asked, actual=found, diff=diff)
    return CheckFailed(
        told,
        expected=expected.layer.notation() if expected else message("nothing_here"),
        actual=given.notation() if given else _next_actual(comparison, first),
        diff=diff,
    )


def _told(comparison: Comparison, line: Line) -> Message:
    expected, actual = comparison.expected(line), comparison.actual(line)
    after = _together([said(comparison, place) for place in comparison.before(line)])
    if line.kind == "swapped" and expected and actual:
        return _swapped(comparison, line, expected, actual)
    if line.kind == "moved":
        return _moved(comparison, line)
    if line.silent:
        rate_zero = isinstance(line.silent.layer, Dropout)
        code = "note_dropout_zero" if rate_zero else "layer_does_nothing"
        return message(code, layer=line.silent.name)
    if line.kind == "joined" and actual:
        return message("wrong_inputs_of", layer=said(comparison, actual))
    if line.kind == "shared" and actual:
        return message("wrong_sharing", layer=said(comparison, actual))
    if actual is None and expected is not None:
        return _placed("wrong_order_missing", after, expected=expected.layer.notation())
    if expected is None and actual is not None:
        return _placed("wrong_order_extra", after, actual=actual.layer.notation())
    return _placed("wrong_order_other", after)


def _swapped(comparison: Comparison, line: Line, expected: Place, actual: Place) -> Message:
    """Two neighbours, each as the student has it; what was asked for is the other line's."""
    others = [other for other in comparison.lines if other.kind == "swapped" and other is not line]
    found = (comparison.actual(other) for other in others)
    own = next((place for place in found if place and place.layer == expected.layer), None)
    first = said(comparison, own) if own else expected.layer.notation()
    return message("wrong_order_swapped", first=first, second=said(comparison, actual))


def _moved(comparison: Comparison, line: Line) -> Message:
    """A layer that stands in another place, told by the place where it belongs."""
    kind = comparison.expected(line) or comparison.actual(line)
    belongs = next(
        other
        for other in comparison.lines
        if other.kind == "moved"
        and other.expected is not None
        and _one_kind(comparison.expected(other), kind)
    )
    after = _together([said(comparison, place) for place in comparison.before(belongs)])
    wanted = comparison.asked.places[belongs.expected or 0].layer
    moved = [comparison.actual(other) for other in comparison.lines if other.kind == "moved"]
    own = next((place for place in moved if place and place.layer == wanted), None)
    return _placed("wrong_order_moved", after, layer=said(comparison, own) if own else wanted.notation())


def _one_kind(one: Place | None, other: Place | None) -> bool:
    return bool(one and other and kind_of(one.layer) == kind_of(other.layer))


def _together(words: Sequence[str | Message]) -> str | Message | None:
    """“this and that”; None for nothing."""
    return reduce(lambda first, second: message("both", first=first, second=second), words) if words else None


def _placed(code: str, after: str | Message | None, **params: str | Message) -> Message:
    if after is None:
        return message(f"{code}_first", **params)
    return message(code, after=after, **params)


def _next_actual(comparison: Comparison, first: int) -> str | Message:
    following = (comparison.actual(line) for line in comparison.lines[first:])
    found = next((place for place in following if place is not None), None)
    return found.layer.notation() if found else message("end_of_model")


def _sources(comparison: Comparison, line: Line) -> tuple[str | Message, str | Message]:
    """Where a line's numbers come from, as asked for and as they do, by the lines of the comparison."""
    expected, actual = comparison.expected(line), comparison.actual(line)
    asked = {other.expected: number for number, other in enumerate(comparison.lines, 1)}
    given = {other.actual: number for number, other in enumerate(comparison.lines, 1)}
    return _joined(comparison.asked, expected, asked), _joined(comparison.model, actual, given)


def _joined(network: Network, place: Place | None, numbers: Mapping[int | None, int]) -> str | Message:
    sources = [
        message("in_line", layer=network.places[source].layer.notation(), line=numbers[source])
        if source >= 0
        else message("the_input")
        for source in (place.inputs if place else ())
    ]
    return _together(sources) or message("none")


def _other_setting(comparison: Comparison, first: int) -> CheckFailed:
    line = comparison.lines[first]
    expected, actual = comparison.expected(line), comparison.actual(line)
    penalty = next((place.layer for place in (expected, actual) if place and is_penalty(place.layer)), None)
    diff = comparison.diff(first)
    if penalty is not None and not (expected and actual):
        before = _together([said(comparison, place) for place in comparison.before(line)])
        told = message("wrong_setting", layer=before or message("the_input"), option="activity_regularizer")
        sides = [place.layer.notation() if place else message("none") for place in (expected, actual)]
        return CheckFailed(told, expected=sides[0], actual=sides[1], diff=diff)
    assert expected
    assert actual  # layer_order let nothing else through
    option = changed_option(expected.layer, actual.layer) or "kind"
    number = nth(comparison, actual, lambda layer: layer.kind == actual.layer.kind)
    told = message("wrong_setting", layer=expected.layer.kind, option=option)
    if number is not None:
        told = message("wrong_setting_nth", nth=number, layer=expected.layer.kind, option=option)
    return CheckFailed(
        told,
        expected=_with_option(expected.layer, option),
        actual=_with_option(actual.layer, option),
        diff=diff,
    )


def _with_option(layer: Layer, option: str) -> str | Message:
    written = layer.notation()
    value = getattr(layer, option, None)
    if option in written or repr(value) in written:
        return written
    return message("layer_with", kind=layer.kind, option=option, value=repr(value))
