"""What mnist-dense asks for."""

from __future__ import annotations

from grader.checks import architecture_check, expect, training_check
from grader.domain.layers import Activation, Dense, Dropout
from grader.domain.model_spec import ModelSpec
from grader.domain.training import TrainingRun

NETWORK = (
    Dense(units=512),
    Activation("relu"),
    Dropout(0.2),
    Dense(units=512),
    Activation("relu"),
    Dropout(0.2),
    Dense(units=10),
    Activation("softmax"),
)


@architecture_check(points=1)
def input_shape(model: ModelSpec) -> None:
    """takes digits as rows of 784 numbers"""
    expect.input_shape(model, (784,))


@architecture_check(points=3, needs=input_shape)
def layer_order(model: ModelSpec) -> None:
    """layers come in the asked order"""
    expect.layer_order(model, NETWORK)


@architecture_check(points=2, needs=layer_order)
def layer_settings(model: ModelSpec) -> None:
    """every layer has the asked settings"""
    expect.layer_settings(model, NETWORK)


@training_check(points=4, needs=layer_settings)
def accurate(run: TrainingRun) -> None:
    """enough of the 10,000 test digits are right"""
    expect.test_accuracy_above(run, run.threshold)
