"""What a mutant is, and which words a check must say to have caught it for the reason that is true."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from grader.domain.canonical import CanonicalForm, canonical, without_start
from grader.domain.layers import Activation, Dense, Layer
from grader.domain.message import Message
from grader.domain.model_spec import ModelSpec


class Aspect(StrEnum):
    """What an assignment may fix about an answer, and so what a mutant may break."""

    INPUT = "input"
    OUTPUT = "output"
    HEAD = "head"
    LAYERS = "layers"
    OPTIONS = "options"
    TRAINABLE = "trainable"
    BUDGET = "budget"
    ACCURACY = "accuracy"
    NAMES = "names"
    INPUT_NAME = "input_name"
    MODEL_NAME = "model_name"
    OUTPUTS = "outputs"
    OPTIMIZER = "optimizer"
    LOSS = "loss"
    METRICS = "metrics"
    COMPILED = "compiled"
    UNBUILT = "unbuilt"
    VALUE = "value"
    ADDED_LOSS = "added_loss"
    LAYER_METRIC = "layer_metric"
    GRADIENT = "gradient"
    GRAPH = "graph"


NETWORK = frozenset({Aspect.INPUT, Aspect.OUTPUT, Aspect.HEAD, Aspect.LAYERS, Aspect.OPTIONS})
"""Aspects that the canonical form decides."""


@dataclass(frozen=True)
class Mutant:
    """One changed answer: a model, or the source of a function or class. `change` says what was changed, for people.

    `option` is the one that was changed; a check that speaks of settings must name it.
    """

    operator: str
    change: str
    aspect: Aspect
    subject: ModelSpec | str
    option: str | None = None

    @property
    def model(self) -> ModelSpec:
        """The subject of a mutant that is a model."""
        assert isinstance(self.subject, ModelSpec)
        return self.subject


ORDER = frozenset(
    f"wrong_order_{how}{place}" for how in ("missing", "extra", "other", "moved") for place in ("", "_first")
) | {"wrong_order_swapped", "layer_does_nothing", "note_dropout_zero"}
SETTING = frozenset({"wrong_setting", "wrong_setting_nth"})
JOINTS = frozenset({"wrong_inputs_of", "wrong_sharing", "other_outputs", "not_a_chain"})

MEANT: dict[Aspect, frozenset[str]] = {
    Aspect.INPUT: frozenset({"wrong_input_shape", "colours_first", "channels_first"}),
    Aspect.OUTPUT: frozenset({"wrong_output_shape"}),
    Aspect.HEAD: frozenset({"wrong_last_activation", "not_logits"}),
    Aspect.LAYERS: frozenset(),
    Aspect.OPTIONS: frozenset(),
    Aspect.TRAINABLE: frozenset({"frozen_layer"}),
    Aspect.BUDGET: frozenset({"too_many_params", "too_many_activations", "too_large_activations", "too_much_work"}),
    Aspect.ACCURACY: frozenset({"accuracy_too_low", "test_accuracy_too_low"}),
    Aspect.NAMES: frozenset({"wrong_layer_names"}),
    Aspect.INPUT_NAME: frozenset({"wrong_input_name"}),
    Aspect.MODEL_NAME: frozenset({"wrong_model_name"}),
    Aspect.OUTPUTS: frozenset({"missing_output", "outputs_in_disorder"}),
    Aspect.OPTIMIZER: frozenset({"wrong_optimizer", "wrong_optimizer_option"}),
    Aspect.LOSS: frozenset({"wrong_loss", "wrong_loss_option"}),
    Aspect.METRICS: frozenset({"missing_metric", "metric_gives"}),
    Aspect.COMPILED: frozenset({"not_compiled"}),
    Aspect.UNBUILT: frozenset({"already_built"}),
    Aspect.VALUE: frozenset({"wrong_value", "not_per_sample"}),
    Aspect.ADDED_LOSS: frozenset({"no_added_loss", "wrong_added_loss"}),
    Aspect.LAYER_METRIC: frozenset({"no_layer_metric", "wrong_layer_metric"}),
    Aspect.GRADIENT: frozenset({"no_gradient", "wrong_gradient"}),
    Aspect.GRAPH: frozenset({"not_in_graph", "not_in_graph_line", "other_in_graph"}),
}  # fmt: skip
"""The message codes that name each aspect; those of layers and options depend on the two models."""


class View:
    """What a model is apart from its spelling; found out when it is asked for, once."""

    def __init__(self, model: ModelSpec) -> None:
        self.model = model

    @cached_property
    def form(self) -> CanonicalForm:
        """The canonical form without what weights start from: equal for answers that are one architecture."""
        found = canonical(self.model)
        steps = tuple(replace(step, layer=without_start(step.layer)) for step in found.steps)
        return CanonicalForm(steps, found.outputs)

    @cached_property
    def kinds(self) -> tuple[str, ...] | None:
        """The kinds of layers in canonical order, each activation a kind of its own; None when the model branches.

        Of a model with several outputs, the layers that its last node needs.
        """
        one_output = len(self.model.outputs) == 1
        layers = (self.form if one_output else canonical(self.model.through)).layers
        return None if layers is None else tuple(map(_kind, layers))

    @property
    def head(self) -> str:
        """The last thing that a model does: an activation by its name, a Dense, or anything else."""
        last = self.form.steps[self.form.outputs[-1]].layer
        return _kind(last) if isinstance(last, Activation | Dense) else "other"


def meant(aspect: Aspect, reference: View, mutant: View) -> frozenset[str]:
    """The codes with which a check catches a mutant of this aspect for the reason that is true."""
    codes = MEANT[aspect]
    return codes | _seen(reference, mutant) if aspect in NETWORK - {Aspect.INPUT} else codes


def names_the_change(mutant: Mutant, told: Message) -> bool:
    """Whether a check that speaks of a setting speaks of the one that was changed."""
    return told.code not in SETTING or mutant.option is None or told.params.get("option") == mutant.option


def _seen(reference: View, mutant: View) -> frozenset[str]:
    """The codes for what two networks differ in: their layers, what comes out, and what comes out on the way."""
    codes: set[str] = set()
    if mutant.kinds is None:
        codes |= ORDER | JOINTS
    elif mutant.kinds != reference.kinds:
        codes |= ORDER
    else:
        codes |= SETTING
    if mutant.model.output_shapes != reference.model.output_shapes:
        codes.add("wrong_output_shape")
    if mutant.head != reference.head:
        codes |= {"wrong_last_activation", "not_logits"}
    if mutant.model.shapes != reference.model.shapes:
        codes |= {"wrong_shape_after", "too_few_of_a_kind"}
    if mutant.model.weights != reference.model.weights:
        codes.add("wrong_layer_params")
    return frozenset(codes)


def _kind(layer: Layer) -> str:
    return layer.activation if isinstance(layer, Activation) else layer.kind
