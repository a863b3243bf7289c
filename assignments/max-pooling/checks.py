"""What max-pooling asks for."""

from __future__ import annotations

from grader.checks import architecture_check, expect
from grader.domain.layers import MaxPooling2D
from grader.domain.model_spec import ModelSpec

NETWORK = (MaxPooling2D(pool_size=(2, 2), strides=(2, 2)),)


@architecture_check(points=2)
def input_shape(model: ModelSpec) -> None:
    """takes what a convolution gives: 100 × 100 places with 15 numbers each"""
    expect.input_shape(model, (100, 100, 15))


@architecture_check(points=3, needs=input_shape)
def output_shape(model: ModelSpec) -> None:
    """halves height and width: (None, 50, 50, 15)"""
    expect.output_shape(model, (50, 50, 15))


@architecture_check(points=3, needs=input_shape)
def only_pooling(model: ModelSpec) -> None:
    """is one max pooling and nothing else"""
    expect.layer_order(model, NETWORK)


@architecture_check(points=2, needs=only_pooling)
def window(model: ModelSpec) -> None:
    """the window is 2 × 2 and moves by 2"""
    expect.layer_settings(model, NETWORK)
