"""What fashion-mnist asks for."""

from __future__ import annotations

from grader.checks import architecture_check, expect, training_check
from grader.domain.layers import Activation, Dense, Flatten
from grader.domain.model_spec import ModelSpec
from grader.domain.training import TrainingRun

NETWORK = (Flatten(), Dense(units=128), Activation("relu"), Dense(units=10))


@architecture_check(points=1)
def input_shape(model: ModelSpec) -> None:
    """takes pictures of 28 × 28 pixels"""
    expect.input_shape(model, (28, 28))


@architecture_check(points=1, needs=input_shape)
def logits(model: ModelSpec) -> None:
    """ends in logits, without a softmax"""
    expect.ends_in_logits(model)


@architecture_check(points=2, needs=logits)
def layer_order(model: ModelSpec) -> None:
    """layers come in the asked order"""
    expect.layer_order(model, NETWORK)


@architecture_check(points=2, needs=layer_order)
def layer_settings(model: ModelSpec) -> None:
    """every layer has the asked settings"""
    expect.layer_settings(model, NETWORK)


@training_check(points=4, needs=layer_settings)
def accurate(run: TrainingRun) -> None:
    """enough of the 10,000 test pictures are right"""
    expect.test_accuracy_above(run, run.threshold)
