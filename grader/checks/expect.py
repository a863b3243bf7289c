"""What assignments expect, in words that read aloud. Every function returns None or raises CheckFailed."""

from __future__ import annotations

import math

from grader.checks import architecture, compiling, inspection, probing
from grader.checks.alignment import is_penalty
from grader.checks.failure import CheckFailed
from grader.domain.canonical import canonical
from grader.domain.layers import Activation, Dense, Layer, Permute, Shape, size_of
from grader.domain.message import Message, message
from grader.domain.model_spec import ModelSpec
from grader.domain.training import TrainingRun

layer_order = architecture.layer_order
layer_settings = architecture.layer_settings
trainable = architecture.trainable

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
    if model.input_shapes == ((shape[-1], *shape[:-1]),) != (shape,) and len(shape) > 1:
        raise _colours_first(model, shape)
    _same_shapes(
        "wrong_input_shape", (shape,), model.input_shapes, _row_or_picture(shape, model.input_shapes)
    )


def _row_or_picture(shape: Shape, given: tuple[Shape, ...]) -> Message | None:
    """What to write where the same numbers are taken as a picture in place of a row, or the reverse."""
    [own] = given if len(given) == 1 else [()]
    one_is_a_row = len(shape) != len(own) and 1 in (len(shape), len(own))
    if not one_is_a_row or size_of(shape) != size_of(own):
        return None
    if len(shape) == 1:
        return message("hint_row", count=shape[0])
    return message("hint_picture", shape=str(shape))


def _colours_first(model: ModelSpec, shape: Shape) -> CheckFailed:
    """Pictures in the order that Theano had; with the words that ask for that order where there are any."""
    asked_for = any(
        getattr(named.layer, "data_format", "channels_last") != "channels_last" for named in model.layers
    )
    turned = any(isinstance(named.layer, Permute) for named in model.layers)
    return CheckFailed(
        message("colours_first"),
        expected=inspection.with_batch(shape),
        actual=_shapes(model.input_shapes),
        hint=message("hint_no_permute") if turned else message("hint_channels_first") if asked_for else None,
    )


def output_shape(model: ModelSpec, shape: Shape) -> None:
    """One output of this shape (without the batch)."""
    _same_shapes("wrong_output_shape", (shape,), model.output_shapes)


def last_activation(model: ModelSpec, name: str) -> None:
    """The last thing that the model does is this activation."""
    last = _last(model)
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
    last = _last(model)
    if not isinstance(last, Dense):
        raise CheckFailed(
            message("not_logits"),
            expected=message("at_the_end", layer="Dense(…)"),
            actual=message("at_the_end", layer=last.notation()),
            hint=message("hint_logits"),
        )


def _last(model: ModelSpec) -> Layer:
    """The last computation of the first output; an activity regularizer changes no number and is none."""
    form = canonical(model)
    step = form.steps[form.outputs[0]]
    while is_penalty(step.layer):
        step = form.steps[step.inputs[0]]
    return step.layer


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
    hint = _what_else(run) if open_ended else _trained_by_us(run)
    _above("test_accuracy_too_low", accuracy, threshold, hint, run)


test_accuracy_above.__test__ = False  # type: ignore[attr-defined]  # pytest would collect this name


def _what_else(run: TrainingRun) -> Message:
    """Another architecture only where no run got there: else it is not the architecture."""
    return message("hint_more_epochs" if run.agree else "hint_runs_disagree")


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


def _same_shapes(
    code: str, expected: tuple[Shape, ...], actual: tuple[Shape, ...], hint: Message | None = None
) -> None:
    if expected != actual:
        raise CheckFailed(message(code), expected=_shapes(expected), actual=_shapes(actual), hint=hint)


def _shapes(shapes: tuple[Shape, ...]) -> str:
    return ", ".join(map(inspection.with_batch, shapes))
