"""What most likely stands behind a result, told as one next step: small rules over a network, its plan and its curves.

A rule is a function of what was seen that gives a message or None. They are tried in order: what makes learning
impossible comes before what makes it slow. Each rule names its source and a submission of `reference_solutions` or a
mutant that triggers it; a test proves that none fires on a solution that is accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.domain.canonical import CanonicalForm, Step, canonical
from grader.domain.layers import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv1D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    LayerNormalization,
    MaxPooling2D,
    Shape,
)
from grader.domain.message import Message, message
from grader.domain.model_spec import ModelSpec
from grader.domain.training import SeededRun, TrainingPlan, TrainingRun

_ONE_VALUE = frozenset({"Zeros", "Ones", "Constant"})
_BETWEEN = (Flatten, Dropout, BatchNormalization, LayerNormalization)
_TOO_MUCH_DROPOUT = 0.8
_MANY_PARAMS = 5_000_000
_MOST_OF_ALL = 0.9
_NO_FALL = 0.01
_SHUT = -10.0
_OVERFITTING_EPOCHS = 3
_CLEARLY_WORSE = 1.1


@dataclass(frozen=True)
class Seen:
    """One part of a submission: its network, and how it was trained where it got so far."""

    model: ModelSpec
    plan: TrainingPlan | None = None
    run: TrainingRun | None = None

    @cached_property
    def form(self) -> CanonicalForm:
        """The network without its spelling."""
        return canonical(self.model)

    @property
    def last(self) -> Layer:
        """What the (first) output comes from."""
        return self.form.steps[self.form.outputs[0]].layer

    @property
    def output_shape(self) -> Shape:
        """Of the first output, without the batch."""
        return self.model.output_shapes[0]

    @property
    def runs(self) -> Sequence[SeededRun]:
        """The trainings, none where there was none."""
        return self.run.runs if self.run is not None else ()

    def before(self, step: Step) -> Step | None:
        """The step that this one gets its only input from."""
        return self.form.steps[step.inputs[0]] if len(step.inputs) == 1 else None


Rule = Callable[[Seen], Message | None]


def next_step(seen: Seen, rules: Sequence[Rule]) -> Message | None:
    """What the first of these rules that applies has to say."""
    return next((told for rule in rules if (told := rule(seen)) is not None), None)


def softmax_of_one(seen: Seen) -> Message | None:
    """A softmax over one number is always 1 (its definition: e^x / e^x). happy-house/failed/softmax_of_one."""
    alone = seen.output_shape[-1:] == (1,)
    return message("diagnosis_softmax_of_one") if alone and _is(seen.last, "softmax") else None


def sigmoid_for_classes(seen: Seen) -> Message | None:
    """Sigmoids do not sum to 1, which categorical cross-entropy divides by. fashion-mnist/failed/sigmoid_outputs."""
    classes = seen.output_shape[-1] if seen.output_shape else 1
    from_logits = seen.plan is not None and seen.plan.from_logits
    if classes > 1 and "categorical" in _loss(seen) and not from_logits and _is(seen.last, "sigmoid"):
        return message("diagnosis_sigmoid_for_classes", classes=classes)
    return None


def relu_at_the_end(seen: Seen) -> Message | None:
    """A ReLU as the answer gives 0 for half of what comes, and 0 has no gradient: a unit there may never wake up.

    The features of a network without a loss may well be such numbers.
    """
    answers = "crossentropy" in _loss(seen)
    return message("diagnosis_relu_at_the_end") if answers and _is(seen.last, "relu") else None


def equal_start(seen: Seen) -> Message | None:
    """Units of one layer that start equal get equal gradients and stay equal (Goodfellow, Deep Learning, 8.4).

    traffic-dense/failed/all_zeros. A last layer alone may start so: its gradients differ by class.
    """
    kernels = [step.layer for step in seen.form.steps if isinstance(step.layer, Dense | Conv1D | Conv2D)]
    for layer in kernels[:-1]:
        if layer.kernel_initializer.name in _ONE_VALUE:
            return message("diagnosis_equal_start", layer=layer.kind)
    return None


def shut_units(seen: Seen) -> Message | None:
    """A bias far below zero keeps a ReLU at 0, where it has no gradient ("dead ReLU"). mnist-dense/failed/dead_units."""
    for step in seen.form.steps:
        bias = getattr(step.layer, "bias_initializer", None)
        value = dict(bias.options).get("value") if bias is not None and bias.name == "Constant" else None
        if isinstance(value, int | float) and value <= _SHUT:
            return message("diagnosis_shut_units", layer=_short(step.layer), bias=value)
    return None


def nothing_between(seen: Seen) -> Message | None:
    """Two linear maps in a row are one linear map (matrix multiplication is associative). traffic-dense/failed/no_relu."""
    for step in seen.form.steps:
        before = seen.before(step)
        while before is not None and isinstance(before.layer, _BETWEEN):
            before = seen.before(before)
        for kind in (Dense, Conv2D):
            if before is not None and isinstance(step.layer, kind) and isinstance(before.layer, kind):
                return message(
                    "diagnosis_nothing_between", first=_short(before.layer), second=_short(step.layer)
                )
    return None


def softmax_inside(seen: Seen) -> Message | None:
    """A softmax between hidden layers leaves them numbers that sum to 1, and gradients near 0."""
    ends = set(seen.form.outputs)
    for place, step in enumerate(seen.form.steps):
        flat = place not in ends and _is(step.layer, "softmax")
        if flat and isinstance(_follower(seen, place), Dense):
            return message("diagnosis_softmax_inside")
    return None


def dense_on_a_picture(seen: Seen) -> Message | None:
    """Dense works along the last axis only: on a picture it sees one pixel at a time. traffic-dense/failed/flatten_last."""
    for node, shape in zip(seen.model.nodes, seen.model.shapes, strict=True):
        layer = seen.model.layers[node.layer].layer
        if isinstance(layer, Dense) and len(shape) == 3:  # noqa: PLR2004 - height, width, colours
            return message("diagnosis_dense_on_a_picture", layer=_short(layer))
    return None


def normalized_axis(seen: Seen) -> Message | None:
    """Batch normalization keeps one mean for each colour or filter, so it belongs on the last axis (Ioffe, Szegedy, 3.2)."""
    for step in seen.form.steps:
        if isinstance(step.layer, BatchNormalization) and step.layer.axis != -1:
            return message("diagnosis_normalized_axis")
    return None


def much_dropout(seen: Seen) -> Message | None:
    """Dropout of 0.8 leaves a fifth of the numbers; the document uses 0.5, Srivastava et al. 0.2 to 0.5."""
    for step in seen.form.steps:
        if isinstance(step.layer, Dropout) and step.layer.rate >= _TOO_MUCH_DROPOUT:
            return message("diagnosis_much_dropout", rate=step.layer.rate, left=1 - step.layer.rate)
    return None


def not_a_number(seen: Seen) -> Message | None:
    """A loss that is no number any more was infinite before: the steps are too large."""
    for run in seen.runs:
        for epoch, loss in enumerate(run.history.get("loss", ()), start=1):
            if loss is None:
                return message("diagnosis_not_a_number", epoch=epoch)
    return None


def never_moves(seen: Seen) -> Message | None:
    """A loss that stays where it began: no gradient arrives. mnist-dense/failed/dead_units, mnist-elu/failed/never_learns."""
    for run in seen.runs:
        losses = _numbers(run, "loss")
        if len(losses) < 2 or abs(losses[0] - min(losses)) > _NO_FALL * losses[0]:  # noqa: PLR2004 - a beginning and an end
            return None
    return message("diagnosis_never_moves", epochs=seen.runs[0].epochs) if seen.runs else None


def overfitting(seen: Seen) -> Message | None:
    """What is kept for validation gets worse while the training part gets better (Goodfellow, Deep Learning, 7.8)."""
    since = []
    for run in seen.runs:
        judged_from = _first_number(run, "val_loss")
        held, own = (_numbers(run, metric, judged_from) for metric in ("val_loss", "loss"))
        if not held or len(held) != len(own):
            return None
        best = held.index(min(held))
        worse = held[-1] > _CLEARLY_WORSE * held[best] and own[-1] < own[best]
        if not worse or len(held) - 1 - best < _OVERFITTING_EPOCHS:
            return None
        since.append(judged_from + best + 1)
    return message("diagnosis_overfitting", epoch=min(since)) if since else None


def mostly_one_dense(seen: Seen) -> Message | None:
    """A Dense on a whole picture holds nearly all parameters, and learns the few pictures by heart."""
    for named, held in zip(seen.model.layers, seen.model.weights, strict=True):
        most = held.total > _MANY_PARAMS and held.total > _MOST_OF_ALL * seen.model.params
        if most and isinstance(named.layer, Dense) and not _has_pooling(seen):
            return message(
                "diagnosis_mostly_one_dense",
                layer=_short(named.layer),
                params=held.total,
                all=seen.model.params,
            )
    return None


OF_NETWORKS: tuple[Rule, ...] = (
    softmax_of_one,
    sigmoid_for_classes,
    relu_at_the_end,
    equal_start,
    shut_units,
    dense_on_a_picture,
    nothing_between,
    softmax_inside,
    normalized_axis,
    much_dropout,
)
OF_TRAININGS: tuple[Rule, ...] = (not_a_number, never_moves, overfitting, mostly_one_dense)


def _is(layer: Layer, activation: str) -> bool:
    return isinstance(layer, Activation) and layer.activation == activation


def _loss(seen: Seen) -> str:
    """The loss that the network is trained with; a student's own where the plan has none."""
    if seen.plan is not None:
        return seen.plan.loss
    compiled = seen.model.compiled
    return "" if compiled is None or compiled.loss is None else compiled.loss.name


def _short(layer: Layer) -> str:
    """`Dense(128)`: what a student would recognize, without initializers and the like."""
    return layer.notation().partition(",")[0].removesuffix(")") + ")"


def _follower(seen: Seen, place: int) -> Layer | None:
    return next((step.layer for step in seen.form.steps if step.inputs == (place,)), None)


def _has_pooling(seen: Seen) -> bool:
    return any(isinstance(step.layer, MaxPooling2D | AveragePooling2D) for step in seen.form.steps)


def _first_number(run: SeededRun, metric: str) -> int:
    """The place of the first epoch that has a number: a plan may leave the first ones unjudged."""
    curve = run.history.get(metric, ())
    return next((place for place, value in enumerate(curve) if value is not None), 0)


def _numbers(run: SeededRun, metric: str, start: int = 0) -> list[float]:
    """A curve from a place on, empty where a number in it was not finite."""
    curve = run.history.get(metric, ())[start:]
    return [] if None in curve else [value for value in curve if value is not None]
