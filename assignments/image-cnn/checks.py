"""What image-cnn asks for."""

from __future__ import annotations

from grader.checks import architecture_check, expect
from grader.domain.layers import Activation, Conv2D, Dense, Flatten, MaxPooling2D
from grader.domain.model_spec import ModelSpec

NETWORK = (
    Conv2D(filters=16, kernel_size=(2, 2), padding="same"),
    Activation("relu"),
    MaxPooling2D(pool_size=(2, 2)),
    Conv2D(filters=32, kernel_size=(2, 2), padding="same"),
    Activation("relu"),
    MaxPooling2D(pool_size=(2, 2)),
    Conv2D(filters=64, kernel_size=(2, 2), padding="same"),
    Activation("relu"),
    MaxPooling2D(pool_size=(2, 2)),
    Flatten(),
    Dense(units=500),
    Activation("relu"),
    Dense(units=10),
    Activation("softmax"),
)


@architecture_check(points=1)
def input_shape(model: ModelSpec) -> None:
    """takes pictures of 32 × 32 pixels in 3 colours"""
    expect.input_shape(model, (32, 32, 3))


@architecture_check(points=1, needs=input_shape)
def classes(model: ModelSpec) -> None:
    """gives one number for each of 10 classes"""
    expect.output_shape(model, (10,))


@architecture_check(points=2, needs=input_shape)
def softmax(model: ModelSpec) -> None:
    """ends in a softmax"""
    expect.last_activation(model, "softmax")


@architecture_check(points=3, needs=(classes, softmax))
def layer_order(model: ModelSpec) -> None:
    """layers come in the asked order, with a ReLU in every convolution"""
    expect.layer_order(model, NETWORK)


@architecture_check(points=3, needs=layer_order)
def layer_settings(model: ModelSpec) -> None:
    """every layer has the asked settings"""
    expect.layer_settings(model, NETWORK)
