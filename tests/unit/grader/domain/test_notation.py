"""What each layer stands for. Keras judges the same rules in tests/equivalence; here each is seen on its own."""

from __future__ import annotations

import pytest

from grader.domain.layers import (
    ELU,
    Activation,
    ActivityRegularization,
    BatchNormalization,
    Conv1D,
    Conv2D,
    Cropping2D,
    Dense,
    Dropout,
    Flatten,
    GroupNormalization,
    InputLayer,
    LayerNormalization,
    LeakyReLU,
    MaxPooling2D,
    Permute,
    ReLU,
    RepeatVector,
    Reshape,
    Softmax,
    UpSampling2D,
)
from grader.domain.layers.weighting import Choice
from grader.domain.notation import does_nothing, holds_weights, spelled_out

PICTURE = (12, 12, 4)
L2 = Choice("L2", (("l2", 0.01),))


def spelled(layer, given=PICTURE):
    return spelled_out(layer, (given,), layer.output_shape((given,)))


@pytest.mark.parametrize(
    ("layer", "stands_for"),
    [
        (InputLayer((4,)), [InputLayer((4,))]),
        (Dense(5, activation="tanh"), [Dense(5), Activation("tanh")]),
        (Dense(5, activation="leaky_relu"), [Dense(5), LeakyReLU(0.2)]),
        (
            Dense(5, activation="relu", activity_regularizer=L2),
            [Dense(5), Activation("relu"), ActivityRegularization(l2=0.01)],
        ),
        (Activation("celu"), [Activation("elu")]),
        (ELU(1.0), [Activation("elu")]),
        (ELU(0.5), [ELU(0.5)]),
        (ReLU(max_value=6.0), [Activation("relu6")]),
        (ReLU(threshold=1.0), [ReLU(threshold=1.0)]),
        (LeakyReLU(0.0), [Activation("relu")]),
        (Softmax(3), [Activation("softmax")]),
        (Softmax(1), [Softmax(-3)]),
        (Reshape((-1,)), [Flatten()]),
        (Reshape((6, -1)), [Reshape((6, 96))]),
        (BatchNormalization(axis=3), [BatchNormalization()]),
        (LayerNormalization(axis=(3, -2)), [LayerNormalization(axis=(-2, -1))]),
        (GroupNormalization(groups=-1), [GroupNormalization(groups=4)]),
        (MaxPooling2D(padding="same"), [MaxPooling2D()]),
        (MaxPooling2D(pool_size=(5, 5), padding="same"), [MaxPooling2D(pool_size=(5, 5), padding="same")]),
        (
            Conv2D(filters=2, kernel_size=(3, 3), strides=(3, 3), padding="same"),
            [Conv2D(filters=2, kernel_size=(3, 3), strides=(3, 3))],
        ),
        (
            Dense(5, kernel_regularizer=Choice("L1L2", (("l1", 0.0), ("l2", 0.1)))),
            [Dense(5, kernel_regularizer=Choice("L2", (("l2", 0.1),)))],
        ),
        (Dense(5, bias_regularizer=Choice("L1", (("l1", 0.0),))), [Dense(5)]),
    ],
)
def test_a_layer_stands_for(layer, stands_for):
    assert spelled(layer) == stands_for


def test_padding_that_pads_stays():
    padded = Conv2D(filters=2, kernel_size=(3, 3), padding="same")
    assert spelled(padded) == [padded]
    causal = Conv1D(filters=2, kernel_size=(2,), strides=(2,), padding="causal")
    assert spelled(causal, (10, 3)) == [causal]


@pytest.mark.parametrize(
    ("layer", "given"),
    [
        (Reshape((1, -1)), (3_000_000,)),
        (RepeatVector(1), (3_000_000,)),
        (GroupNormalization(groups=-1), (100_000,)),
    ],
)
def test_no_option_grows_beyond_what_the_trainer_reads(layer, given):
    (found,) = spelled(layer, given)
    assert type(found).read(found.plain()) == found
    assert found.output_shape((given,)) == layer.output_shape((given,))


def test_a_vector_repeated_once_is_reshaped():
    assert spelled(RepeatVector(1), (4,)) == [Reshape((1, 4))]
    assert spelled(RepeatVector(2), (4,)) == [RepeatVector(2)]


@pytest.mark.parametrize(
    ("name", "scale", "mode", "distribution"),
    [
        ("HeNormal", 2.0, "fan_in", "truncated_normal"),
        ("HeNormal", 2.0, "fan_in", "normal"),
        ("GlorotUniform", 1.0, "fan_avg", "uniform"),
        ("LecunNormal", 1.0, "fan_in", "truncated_normal"),
    ],
)
def test_an_initializer_has_one_name(name, scale, mode, distribution):
    options = (("scale", scale), ("mode", mode), ("distribution", distribution))
    layer = Dense(5, kernel_initializer=Choice("VarianceScaling", options))
    assert spelled(layer) == [Dense(5, kernel_initializer=Choice(name))]


@pytest.mark.parametrize(
    ("nothing", "something"),
    [
        (Dropout(0.0), Dropout(0.1)),
        (Activation("linear"), Activation("relu")),
        (Permute((1, 2, 3)), Permute((2, 1, 3))),
        (UpSampling2D(size=(1, 1)), UpSampling2D()),
        (Cropping2D(), Cropping2D(cropping=((1, 0), (0, 0)))),
        (MaxPooling2D(pool_size=(1, 1)), MaxPooling2D(pool_size=(1, 1), strides=(2, 2))),
        (LeakyReLU(1.0), LeakyReLU(0.9)),
        (ActivityRegularization(), ActivityRegularization(l1=0.1)),
    ],
)
def test_what_does_nothing(nothing, something):
    for layer, expected in ((nothing, True), (something, False)):
        assert does_nothing(layer, PICTURE, layer.output_shape((PICTURE,))) is expected
        assert (spelled(layer) == []) is expected


def test_what_holds_weights():
    assert holds_weights(Dense(5))
    assert holds_weights(BatchNormalization(scale=False, center=False))
    assert not holds_weights(Dropout(0.5))
