"""What most likely stands behind a result, told as one next step: small rules over a network, its plan and its curves.

A rule is a function of what was seen that gives advice or None: why, and what to write instead. They are tried in order: what makes learning
impossible comes before what makes it slow. Each rule names its source and a submission of `reference_solutions` or a
mutant that triggers it; a test proves that none fires on a solution that is accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from grader.domain.canonical import CanonicalForm, Step, canonical
from grader.domain.edit import with_in_front, with_layer
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
from grader.domain.message import Message, Param, message
from grader.domain.model_spec import ModelSpec, NamedLayer
from grader.domain.ordinal import ordinal, the_nth
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
    def last_step(self) -> Step:
        """The step that gives the (first) output."""
        return self.form.steps[self.form.outputs[0]]

    @property
    def last(self) -> Layer:
        """What the (first) output comes from."""
        return self.last_step.layer

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


@dataclass(frozen=True)
class Advice:
    """Why a network is as it is, and what to write instead; `written` is the network of whoever does write that.

    It is None where the words leave a choice, so that no program can carry them out.
    """

    why: Message
    what: Message
    written: ModelSpec | None = None

    @property
    def whole(self) -> Message:
        """Both, in one paragraph."""
        return message("why_and_what", why=self.why, what=self.what)


Rule = Callable[[Seen], Advice | None]


def advice(seen: Seen, rules: Sequence[Rule]) -> Advice | None:
    """What the first of these rules that applies has to say."""
    return next((told for rule in rules if (told := rule(seen)) is not None), None)


def softmax_of_one(seen: Seen) -> Advice | None:
    """A softmax over one number is always 1 (its definition: e^x / e^x). happy-house/failed/softmax_of_one."""
    alone = seen.output_shape[-1:] == (1,)
    if not alone or not _is(seen.last, "softmax"):
        return None
    return _advice("softmax_of_one", _with_activation(seen, seen.last_step, "sigmoid"))


def sigmoid_for_classes(seen: Seen) -> Advice | None:
    """Sigmoids do not sum to 1, which categorical cross-entropy divides by. fashion-mnist/failed/sigmoid_outputs."""
    classes = seen.output_shape[-1] if seen.output_shape else 1
    from_logits = seen.plan is not None and seen.plan.from_logits
    if classes > 1 and "categorical" in _loss(seen) and not from_logits and _is(seen.last, "sigmoid"):
        return _advice(
            "sigmoid_for_classes", _with_activation(seen, seen.last_step, "softmax"), classes=classes
        )
    return None


def relu_at_the_end(seen: Seen) -> Advice | None:
    """A ReLU as the answer gives 0 for half of what comes, and 0 has no gradient: a unit there may never wake up.

    The features of a network without a loss may well be such numbers.
    """
    answers = "crossentropy" in _loss(seen)
    return _advice("relu_at_the_end") if answers and _is(seen.last, "relu") else None


def equal_start(seen: Seen) -> Advice | None:
    """Units of one layer that start equal get equal gradients and stay equal (Goodfellow, Deep Learning, 8.4).

    traffic-dense/failed/all_zeros. A last layer alone may start so: its gradients differ by class.
    """
    kernels = [step for step in seen.form.steps if isinstance(step.layer, Dense | Conv1D | Conv2D)]
    for step in kernels[:-1]:
        if step.layer.kernel_initializer.name in _ONE_VALUE:  # type: ignore[attr-defined]
            written = _without_option(seen, step, "kernel_initializer")
            return _advice("equal_start", written, layer=_said(seen, step))
    return None


def shut_units(seen: Seen) -> Advice | None:
    """A bias far below zero keeps a ReLU at 0, where it has no gradient ("dead ReLU"). mnist-dense/failed/dead_units."""
    for step in seen.form.steps:
        bias = getattr(step.layer, "bias_initializer", None)
        value = dict(bias.options).get("value") if bias is not None and bias.name == "Constant" else None
        if isinstance(value, int | float) and value <= _SHUT:
            written = _without_option(seen, step, "bias_initializer")
            return _advice("shut_units", written, layer=_said(seen, step), bias=value)
    return None


def nothing_between(seen: Seen) -> Advice | None:
    """Two linear maps in a row are one linear map (matrix multiplication is associative). traffic-dense/failed/no_relu."""
    for step in seen.form.steps:
        before = seen.before(step)
        while before is not None and isinstance(before.layer, _BETWEEN):
            before = seen.before(before)
        for kind in (Dense, Conv2D):
            if before is not None and isinstance(step.layer, kind) and isinstance(before.layer, kind):
                return _advice(
                    "nothing_between",
                    _with_activation(seen, before, "relu"),
                    first=_said(seen, before),
                    second=_said(seen, step),
                )
    return None


def softmax_inside(seen: Seen) -> Advice | None:
    """A softmax between hidden layers leaves them numbers that sum to 1, and gradients near 0."""
    ends = set(seen.form.outputs)
    for place, step in enumerate(seen.form.steps):
        flat = place not in ends and _is(step.layer, "softmax")
        if flat and isinstance(_follower(seen, place), Dense):
            return _advice("softmax_inside", _with_activation(seen, step, "relu"))
    return None


def dense_on_a_picture(seen: Seen) -> Advice | None:
    """Dense works along the last axis only: on a picture it sees one pixel at a time. traffic-dense/failed/flatten_last."""
    for place, shape in enumerate(seen.model.shapes):
        layer = seen.model.nodes[place].layer
        if isinstance(seen.model.layers[layer].layer, Dense) and len(shape) == 3:  # noqa: PLR2004 - height, width, colours
            flat = with_in_front(seen.model, place, NamedLayer("flatten", Flatten()))
            return _advice("dense_on_a_picture", flat, layer=_nth(seen.model, layer))
    return None


def normalized_axis(seen: Seen) -> Advice | None:
    """Batch normalization keeps one mean for each colour or filter, so it belongs on the last axis (Ioffe, Szegedy, 3.2)."""
    for step in seen.form.steps:
        if isinstance(step.layer, BatchNormalization) and step.layer.axis != -1:
            return _advice("normalized_axis", _without_option(seen, step, "axis"))
    return None


def much_dropout(seen: Seen) -> Advice | None:
    """Dropout of 0.8 leaves a fifth of the numbers; the document uses 0.5, Srivastava et al. 0.2 to 0.5."""
    for step in seen.form.steps:
        if isinstance(step.layer, Dropout) and step.layer.rate >= _TOO_MUCH_DROPOUT:
            rate = step.layer.rate
            return _advice("much_dropout", _with(seen, step, rate=0.5), rate=rate, left=1 - rate)
    return None


def not_a_number(seen: Seen) -> Advice | None:
    """A loss that is no number any more was infinite before: the steps are too large."""
    for run in seen.runs:
        for epoch, loss in enumerate(run.history.get("loss", ()), start=1):
            if loss is None:
                return _advice("not_a_number", epoch=epoch)
    return None


def never_moves(seen: Seen) -> Advice | None:
    """A loss that stays where it began: no gradient arrives. mnist-dense/failed/dead_units, mnist-elu/failed/never_learns."""
    for run in seen.runs:
        losses = _numbers(run, "loss")
        if len(losses) < 2 or abs(losses[0] - min(losses)) > _NO_FALL * losses[0]:  # noqa: PLR2004 - a beginning and an end
            return None
    return _advice("never_moves", epochs=seen.runs[0].epochs) if seen.runs else None


def overfitting(seen: Seen) -> Advice | None:
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
    return _advice("overfitting", epoch=min(since)) if since else None


def mostly_one_dense(seen: Seen) -> Advice | None:
    """A Dense on a whole picture holds nearly all parameters, and learns the few pictures by heart."""
    for at, (named, held) in enumerate(zip(seen.model.layers, seen.model.weights, strict=True)):
        most = held.total > _MANY_PARAMS and held.total > _MOST_OF_ALL * seen.model.params
        if most and isinstance(named.layer, Dense) and not _has_pooling(seen):
            return _advice(
                "mostly_one_dense",
                layer=_nth(seen.model, at),
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


def _advice(rule: str, written: ModelSpec | None = None, **params: Param) -> Advice:
    return Advice(message(f"diagnosis_{rule}", **params), message(f"remedy_{rule}", **params), written)


def _with(seen: Seen, step: Step, **options: Any) -> ModelSpec | None:
    """The network with other options in the layer that a step was written as; None where it was none of the student's."""
    if step.node is None:
        return None
    place = seen.model.nodes[step.node].layer
    return with_layer(seen.model, place, replace(seen.model.layers[place].layer, **options))


def _without_option(seen: Seen, step: Step, name: str) -> ModelSpec | None:
    """The network with the default of an option."""
    return _with(seen, step, **{name: next(f.default for f in fields(step.layer) if f.name == name)})


def _with_activation(seen: Seen, step: Step, name: str) -> ModelSpec | None:
    """The network with another activation where a step has one, or behind it where it has none."""
    if step.node is None:
        return None
    place = seen.model.nodes[step.node].layer
    if any(f.name == "activation" for f in fields(seen.model.layers[place].layer)):
        return _with(seen, step, activation=name)
    return with_layer(seen.model, place, Activation(name))


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


def _said(seen: Seen, step: Step) -> str | Message:
    """The layer that a step was written as."""
    return _short(step.layer) if step.node is None else _nth(seen.model, seen.model.nodes[step.node].layer)


def _nth(model: ModelSpec, place: int) -> str | Message:
    """`Dense(128)`, or “the second Dense(128)” of the student's."""
    notations = [_short(named.layer) for named in model.layers]
    told = notations[place]
    return the_nth(told, ordinal(notations[: place + 1].count(told), notations.count(told)))


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
