"""What assignments expect, in words that read aloud. Every function returns None or raises CheckFailed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.checks import compiling, inspection, probing
from grader.checks.compare import Pair, align, asked_chain, canonical_chain, changed_option, diff, kind_of
from grader.checks.failure import CheckFailed
from grader.domain.canonical import canonical
from grader.domain.layers import Activation, Dense, Layer, Shape
from grader.domain.message import Message, message
from grader.domain.model_spec import ModelSpec
from grader.domain.training import TrainingRun

compiled_with = compiling.compiled_with
OWN_METRIC = compiling.OWN_METRIC

value_equal = probing.value_equal
gradient_equal = probing.gradient_equal
same_in_graph = probing.same_in_graph
losses_equal = probing.losses_equal
metric_equal = probing.metric_equal

layer_names = inspection.layer_names
model_name = inspection.model_name
not_built = inspection.not_built
shape_after = inspection.shape_after
layer_params = inspection.layer_params
every_layers_output = inspection.every_layers_output


def input_shape(model: ModelSpec, shape: Shape) -> None:
    """One input of this shape (without the batch)."""
    _same_shapes("wrong_input_shape", (shape,), model.input_shapes)


def output_shape(model: ModelSpec, shape: Shape) -> None:
    """One output of this shape (without the batch)."""
    _same_shapes("wrong_output_shape", (shape,), model.output_shapes)


def layer_order(model: ModelSpec, asked: Sequence[Layer]) -> None:
    """The kinds of layers come in the asked order, in any of the equal spellings; the first difference is named."""
    pairs = _pairs(model, asked)
    for place, (expected, actual) in enumerate(pairs):
        if expected is None or actual is None or kind_of(expected) != kind_of(actual):
            raise CheckFailed(
                _order_message(pairs, place),
                expected=expected.notation() if expected else message("nothing_here"),
                actual=actual.notation() if actual else _next_actual(pairs, place),
                diff=diff(pairs),
            )


def layer_settings(model: ModelSpec, asked: Sequence[Layer]) -> None:
    """Every layer has the asked options, and none is frozen; needs `layer_order`."""
    trainable(model)
    pairs = _pairs(model, asked)
    for expected, actual in pairs:
        if expected is not None and actual is not None and expected != actual:
            option = changed_option(expected, actual) or "kind"
            raise CheckFailed(
                message("wrong_setting", layer=expected.kind, option=option),
                expected=_with_option(expected, option),
                actual=_with_option(actual, option),
                diff=diff(pairs),
            )


def last_activation(model: ModelSpec, name: str) -> None:
    """The last thing that the model does is this activation."""
    form = canonical(model)
    last = form.steps[form.outputs[0]].layer
    if not (isinstance(last, Activation) and last.activation == name):
        known = {"softmax": "hint_softmax", "sigmoid": "hint_sigmoid"}
        raise CheckFailed(
            message("wrong_last_activation"),
            expected=Activation(name).notation(),
            actual=last.notation(),
            hint=message(known[name]) if name in known else None,
        )


def ends_in_logits(model: ModelSpec) -> None:
    """Nothing stands after the last Dense: the loss takes the softmax itself."""
    form = canonical(model)
    last = form.steps[form.outputs[0]].layer
    if not isinstance(last, Dense):
        raise CheckFailed(
            message("not_logits"),
            expected=message("at_the_end", layer="Dense(…)"),
            actual=message("at_the_end", layer=last.notation()),
            hint=message("hint_logits"),
        )


def trainable(model: ModelSpec) -> None:
    """No layer with weights is frozen."""
    for named, held in zip(model.layers, model.weights, strict=True):
        if not named.trainable and held.total:
            raise CheckFailed(message("frozen_layer", layer=named.name), hint=message("hint_unfreeze"))


def channels_last(model: ModelSpec) -> None:
    """Every layer on pictures has the colours last; the other order cannot be trained on a CPU."""
    for named in model.layers:
        if getattr(named.layer, "data_format", "channels_last") != "channels_last":
            raise CheckFailed(
                message("channels_first", layer=named.name), expected="channels_last", actual="channels_first"
            )


def params_equal(model: ModelSpec, params: int) -> None:
    """The model has exactly this many parameters."""
    if model.params != params:
        raise CheckFailed(message("wrong_params"), expected=f"{params:,}", actual=f"{model.params:,}")


def accuracy_above(run: TrainingRun, threshold: float | None) -> None:
    """The training accuracy of the last epoch, in [0, 1], is above the threshold, as in `run.threshold`."""
    _above("accuracy_too_low", run.final("accuracy"), threshold, _trained_by_us(run), run)


def test_accuracy_above(
    run: TrainingRun,
    threshold: float | None,
    *,
    open_ended: bool = False,  # noqa: PT028 - no test, whatever its name
) -> None:
    """The accuracy on the held-out test, in [0, 1], is above the threshold, as in `run.threshold`.

    `open_ended` where a student may choose architecture and training: the hint is then what else to try.
    """
    accuracy = run.test_accuracy
    if accuracy is None:
        detail = "the plan makes no test: set evaluate_test"
        raise ValueError(detail)
    hint = message("hint_more_epochs") if open_ended else _trained_by_us(run)
    _above("test_accuracy_too_low", accuracy, threshold, hint, run)


test_accuracy_above.__test__ = False  # type: ignore[attr-defined]  # pytest would collect this name


def _trained_by_us(run: TrainingRun) -> Message:
    return message("hint_trained_by_us", epochs=run.runs[0].epochs)


def _above(code: str, accuracy: float, threshold: float | None, hint: Message, run: TrainingRun) -> None:
    if threshold is None:
        detail = "the plan has no threshold: write one into assignment.yaml"
        raise ValueError(detail)
    if not (math.isfinite(accuracy) and 0 <= accuracy <= 1):
        detail = f"an accuracy of {accuracy}"
        raise ValueError(detail)
    if not accuracy > threshold:
        told = message(code, accuracy=accuracy, threshold=threshold, epochs=run.runs[0].epochs)
        wanted = message("above", threshold=threshold)
        raise CheckFailed(told, expected=wanted, actual=f"{accuracy:.1%}", hint=hint)


def _same_shapes(code: str, expected: tuple[Shape, ...], actual: tuple[Shape, ...]) -> None:
    if expected != actual:
        raise CheckFailed(message(code), expected=_shapes(expected), actual=_shapes(actual))


def _shapes(shapes: tuple[Shape, ...]) -> str:
    return ", ".join(map(inspection.with_batch, shapes))


def _pairs(model: ModelSpec, asked: Sequence[Layer]) -> list[Pair]:
    actual = canonical_chain(model)
    if actual is None:
        raise CheckFailed(message("not_a_chain"))
    return align(asked_chain(model, asked), actual)


def _order_message(pairs: list[Pair], place: int) -> Message:
    expected, actual = pairs[place]
    before = pairs[place - 1][1] if place else None
    after = before.notation() if before else None
    if actual is None and expected is not None:
        return _placed("wrong_order_missing", after, expected=expected.notation())
    if expected is None and actual is not None:
        return _placed("wrong_order_extra", after, actual=actual.notation())
    return _placed("wrong_order_other", after)


def _placed(code: str, after: str | None, **params: str) -> Message:
    if after is None:
        return message(f"{code}_first", **params)
    return message(code, after=after, **params)


def _next_actual(pairs: list[Pair], place: int) -> str | Message:
    following = next((actual for _, actual in pairs[place:] if actual is not None), None)
    return following.notation() if following else message("end_of_model")


def _with_option(layer: Layer, option: str) -> str | Message:
    written = layer.notation()
    value = getattr(layer, option, None)
    if option in written or repr(value) in written:
        return written
    return message("layer_with", kind=layer.kind, option=option, value=repr(value))
