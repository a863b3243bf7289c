"""What conv-shapes asks for."""

from __future__ import annotations

from grader.checks import architecture_check, expect
from grader.domain.layers import Activation, Conv2D, Dense, GlobalMaxPooling2D, Layer, MaxPooling2D
from grader.domain.model_spec import ModelSpec

RELU = Activation("relu")


def block(window: int, *convolutions: Layer) -> tuple[Layer, ...]:
    spelled = [layer for convolution in convolutions for layer in (convolution, RELU)]
    return (*spelled, MaxPooling2D(pool_size=(window, window)))


FINE = Conv2D(filters=32, kernel_size=(3, 3))
COARSE = Conv2D(filters=32, kernel_size=(5, 5), strides=(2, 2))
BLOCKS = (*block(3, COARSE, FINE), *block(3, FINE, FINE), *block(2, FINE, FINE))
DOWNSAMPLER = (*BLOCKS, GlobalMaxPooling2D(), Dense(units=10))
POOLING = ("MaxPooling2D", "AveragePooling2D")  # of which kind it must be, `downsampler` says
FIRST = Conv2D(filters=16, kernel_size=(2, 2), strides=(2, 2))
SECOND = Conv2D(filters=32, kernel_size=(3, 3), padding="same")
THREE = (FIRST, RELU, SECOND, RELU, Conv2D(filters=64, kernel_size=(2, 2)), RELU)


@architecture_check(points=1, part="downsampler")
def first_block(model: ModelSpec) -> None:
    """after the first pooling, 250 × 250 × 3 has become (40, 40, 32)"""
    expect.input_shape(model, (250, 250, 3))
    expect.shape_after(model, POOLING, (40, 40, 32))


@architecture_check(points=1, part="downsampler", needs=first_block)
def four_by_four(model: ModelSpec) -> None:
    """after the third pooling, 4 × 4 places are left"""
    expect.shape_after(model, POOLING, (4, 4, 32), nth=2)


@architecture_check(points=3, part="downsampler", needs=four_by_four)
def downsampler(model: ModelSpec) -> None:
    """its layers are the asked ones, with global pooling and Dense(10) at the end"""
    expect.layer_order(model, DOWNSAMPLER)
    expect.layer_settings(model, DOWNSAMPLER)


@architecture_check(points=2, part="three_convolutions")
def first_layer(model: ModelSpec) -> None:
    """the first layer has 80 parameters and gives (100, 100, 16)"""
    expect.input_shape(model, (200, 200, 1))
    expect.layer_params(model, "Conv2D", 80)
    expect.shape_after(model, "Conv2D", (100, 100, 16))


@architecture_check(points=3, part="three_convolutions", needs=first_layer)
def three_convolutions(model: ModelSpec) -> None:
    """its three convolutions are the asked ones"""
    expect.layer_order(model, THREE)
    expect.layer_settings(model, THREE)
