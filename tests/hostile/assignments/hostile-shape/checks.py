"""What hostile-shape asks for."""

from __future__ import annotations

from grader.checks import architecture_check, expect
from grader.domain.layers import Activation, Dense
from grader.domain.model_spec import ModelSpec

NETWORK = (Dense(units=16), Activation("tanh"), Dense(units=2), Activation("softmax"))


@architecture_check(points=1)
def input_shape(model: ModelSpec) -> None:
    """takes two numbers"""
    expect.input_shape(model, (2,))


@architecture_check(points=9, needs=input_shape)
def layer_settings(model: ModelSpec) -> None:
    """layers come in the asked order with the asked settings"""
    expect.layer_order(model, NETWORK)
    expect.layer_settings(model, NETWORK)
