"""What hostile-dear asks for."""

from __future__ import annotations

from grader.checks import architecture_check, expect, training_check
from grader.domain.layers import Activation, Dense
from grader.domain.model_spec import ModelSpec
from grader.domain.training import TrainingRun

NETWORK = (Dense(units=16), Activation("tanh"), Dense(units=2), Activation("softmax"))


@architecture_check(points=1)
def input_shape(model: ModelSpec) -> None:
    """takes two numbers"""
    expect.input_shape(model, (2,))


@architecture_check(points=3, needs=input_shape)
def layer_order(model: ModelSpec) -> None:
    """layers come in the asked order"""
    expect.layer_order(model, NETWORK)


@training_check(points=6, needs=input_shape)
def accurate(run: TrainingRun) -> None:
    """all four points are right"""
    expect.test_accuracy_above(run, run.threshold)
