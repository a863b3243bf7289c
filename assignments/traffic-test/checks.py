"""What traffic-test asks for."""

from __future__ import annotations

from grader.checks import architecture_check, expect, training_check
from grader.domain.layers import Activation, Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from grader.domain.model_spec import ModelSpec
from grader.domain.training import TrainingRun

NETWORK = (
    Conv2D(filters=32, kernel_size=(3, 3)),
    MaxPooling2D(pool_size=(2, 2)),
    Dropout(0.5),
    Activation("relu"),
    Flatten(),
    Dense(units=128),
    Activation("relu"),
    Dense(units=5),
    Activation("softmax"),
)


@architecture_check(points=1)
def input_shape(model: ModelSpec) -> None:
    """takes pictures of 32 × 32 pixels in 3 colours"""
    expect.input_shape(model, (32, 32, 3))


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
    """more than 65 % of the 20 held-out signs are right after 8 epochs"""
    expect.test_accuracy_above(run, run.threshold)
