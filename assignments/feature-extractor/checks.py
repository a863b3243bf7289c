"""What feature-extractor asks for."""

from __future__ import annotations

from grader.checks import architecture_check, expect
from grader.domain.layers import Activation, Conv2D, Dense, GlobalMaxPooling2D, MaxPooling2D
from grader.domain.model_spec import ModelSpec

RELU = Activation("relu")
BASE = (
    Conv2D(filters=16, kernel_size=(5, 5), strides=(2, 2)),
    RELU,
    MaxPooling2D(pool_size=(2, 2)),
    Conv2D(filters=32, kernel_size=(3, 3)),
    RELU,
    GlobalMaxPooling2D(),
    Dense(units=10),
)


@architecture_check(points=1)
def input_shape(model: ModelSpec) -> None:
    """takes one picture of 64 × 64 pixels in 3 colours"""
    expect.input_shape(model, (64, 64, 3))


@architecture_check(points=3, needs=input_shape)
def base_order(model: ModelSpec) -> None:
    """the base network has the asked layers"""
    expect.layer_order(model.through, BASE)


@architecture_check(points=2, needs=base_order)
def base_settings(model: ModelSpec) -> None:
    """every layer of the base network has the asked settings"""
    expect.layer_settings(model.through, BASE)


@architecture_check(points=4, needs=base_order)
def every_output(model: ModelSpec) -> None:
    """every layer's output is an output of the model, in the order of the layers"""
    expect.every_layers_output(model)
