from __future__ import annotations

import pytest

from grader.domain.layers import (
    LAYERS,
    Activation,
    Add,
    BadOption,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
    OwnFunction,
    Reshape,
    ShapeError,
    Weights,
    ZeroPadding2D,
)


def test_options_are_read_with_their_bounds():
    assert Dense.read({"units": 5, "activation": "relu"}) == Dense(5, "relu")
    assert Conv2D.read({"filters": 32, "kernel_size": 3}) == Conv2D(filters=32, kernel_size=(3, 3))
    assert Activation.read({"activation": "swish"}) == Activation("silu")


@pytest.mark.parametrize(
    ("kind", "options", "option"),
    [
        ("Dense", {"units": True}, "units"),
        ("Dense", {"units": 10**9}, "units"),
        ("Dense", {"units": 5.0}, "units"),
        ("Dense", {"units": "5"}, "units"),
        ("Dense", {"units": 5, "activation": "softmacks"}, "activation"),
        ("Dense", {"units": 5, "weights": [[1.0]]}, "weights"),
        ("Dense", {"units": 5, "lora_rank": 4}, "lora_rank"),
        (
            "Dense",
            {"units": 5, "kernel_initializer": {"class": "Constant", "options": {"value": [[1.0]]}}},
            "kernel_initializer",
        ),
        ("Dropout", {"rate": float("nan")}, "rate"),
        ("Dropout", {"rate": 1.5}, "rate"),
        ("Conv2D", {"filters": 1, "kernel_size": [3, 3, 3]}, "kernel_size"),
        ("MaxPooling2D", {"pool_size": 1000}, "pool_size"),
    ],
)
def test_what_is_out_of_bounds_is_refused_by_the_options_name(kind, options, option):
    with pytest.raises(BadOption) as caught:
        LAYERS[kind].read(options)
    assert caught.value.args[0] == option


def test_a_students_own_function_is_told_apart():
    with pytest.raises(OwnFunction):
        Dense.read({"units": 5, "activation": {"function": "mine"}})


def test_every_layer_reads_back_what_it_writes():
    for layer in (
        Dense(5, "relu"),
        Conv2D(filters=3, kernel_size=(2, 2)),
        MaxPooling2D(),
        Dropout(0.5),
        BatchNormalization(),
        ZeroPadding2D(padding=((1, 2), (3, 4))),
    ):
        assert type(layer).read(layer.plain()) == layer


@pytest.mark.parametrize(
    ("layer", "inputs", "output", "weights"),
    [
        (Dense(128), ((3072,),), (128,), Weights(393_344)),
        (Dense(10, use_bias=False), ((4, 8),), (4, 10), Weights(80)),
        (Conv2D(filters=32, kernel_size=(3, 3)), ((32, 32, 3),), (30, 30, 32), Weights(896)),
        (
            Conv2D(filters=8, kernel_size=(5, 5), strides=(2, 2), padding="same"),
            ((11, 11, 3),),
            (6, 6, 8),
            Weights(608),
        ),
        (
            Conv2D(filters=4, kernel_size=(3, 3), data_format="channels_first"),
            ((3, 9, 9),),
            (4, 7, 7),
            Weights(112),
        ),
        (MaxPooling2D(), ((31, 31, 4),), (15, 15, 4), Weights()),
        (MaxPooling2D(padding="same"), ((31, 31, 4),), (16, 16, 4), Weights()),
        (BatchNormalization(axis=3), ((64, 64, 32),), (64, 64, 32), Weights(64, 64)),
        (Flatten(), ((4, 5, 6),), (120,), Weights()),
        (Reshape((-1, 6)), ((4, 5, 6),), (20, 6), Weights()),
        (ZeroPadding2D(padding=((3, 3), (3, 3))), ((64, 64, 3),), (70, 70, 3), Weights()),
        (Add(), ((4, 1), (4, 8)), (4, 8), Weights()),
        (Concatenate(), ((4, 3), (4, 8)), (4, 11), Weights()),
    ],
)
def test_shapes_and_parameters(layer, inputs, output, weights):
    assert layer.output_shape(inputs) == output
    assert layer.weights(inputs) == weights


@pytest.mark.parametrize(
    ("layer", "inputs"),
    [
        (Conv2D(filters=1, kernel_size=(3, 3)), ((3072,),)),
        (Conv2D(filters=1, kernel_size=(9, 9)), ((8, 8, 1),)),
        (Reshape((7,)), ((4,),)),
        (Add(), ((4,), (5,))),
        (BatchNormalization(axis=4), ((8, 8, 1),)),
    ],
)
def test_shapes_that_do_not_fit_are_refused(layer, inputs):
    with pytest.raises(ShapeError):
        layer.output_shape(inputs)


def test_notation_reads_like_code():
    assert Conv2D(filters=32, kernel_size=(3, 3)).notation() == "Conv2D(32, (3, 3))"
    assert Dense(5, "softmax").notation() == "Dense(5, activation='softmax')"
    assert Dropout(0.5).notation() == "Dropout(0.5)"
