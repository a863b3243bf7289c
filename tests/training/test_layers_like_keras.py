"""Our shapes and parameter counts are Keras's, for random options of every layer; the trainer can build each."""

from __future__ import annotations

import random

import pytest

from grader.domain.canonical import canonical
from grader.domain.description import read_model
from grader.domain.errors import StudentError
from grader.domain.layers import LAYERS

pytestmark = pytest.mark.training

PICTURE, ROW, VECTOR = (11, 9, 4), (12, 6), (10,)


def options(kind, draw):
    """Random options and a fitting input shape for one kind of layer."""

    def small():
        return draw.randint(1, 3)

    padding = {"padding": draw.choice(["valid", "same"])}
    convolution = padding | {"use_bias": draw.random() < 0.5}
    window = {"pool_size": small(), "strides": draw.choice([None, 1, 2])} | padding
    pair = (draw.randint(0, 2), draw.randint(0, 2))
    return {
        "Dense": lambda: (
            {"units": draw.randint(1, 9), "use_bias": draw.random() < 0.5},
            draw.choice([VECTOR, ROW, PICTURE]),
        ),
        "Activation": lambda: (
            {"activation": draw.choice(["relu", "softmax", "gelu", "leaky_relu"])},
            VECTOR,
        ),
        "Reshape": lambda: ({"target_shape": draw.choice([(-1, 4), (396,), (4, 99)])}, PICTURE),
        "Permute": lambda: ({"dims": tuple(draw.sample([1, 2, 3], 3))}, PICTURE),
        "RepeatVector": lambda: ({"n": small()}, VECTOR),
        "Rescaling": lambda: ({"scale": 0.5, "offset": 1.0}, PICTURE),
        "Conv1D": lambda: ({"filters": 4, "kernel_size": small(), "strides": small()} | convolution, ROW),
        "Conv2D": lambda: (
            {
                "filters": 4,
                "kernel_size": (small(), small()),
                "groups": draw.choice([1, 2]),
                **draw.choice([{"strides": 2}, {"dilation_rate": 2}]),
            }
            | convolution,
            PICTURE,
        ),
        "DepthwiseConv2D": lambda: (
            {"kernel_size": small(), "depth_multiplier": small()} | convolution,
            PICTURE,
        ),
        "SeparableConv2D": lambda: (
            {"filters": 5, "kernel_size": small(), "depth_multiplier": small()} | convolution,
            PICTURE,
        ),
        "MaxPooling1D": lambda: (window, ROW),
        "AveragePooling1D": lambda: (window, ROW),
        "MaxPooling2D": lambda: (window, PICTURE),
        "AveragePooling2D": lambda: (window, PICTURE),
        "GlobalMaxPooling1D": lambda: ({"keepdims": draw.random() < 0.5}, ROW),
        "GlobalAveragePooling1D": lambda: ({}, ROW),
        "GlobalMaxPooling2D": lambda: ({"keepdims": draw.random() < 0.5}, PICTURE),
        "GlobalAveragePooling2D": lambda: ({}, PICTURE),
        "BatchNormalization": lambda: (
            {"axis": draw.choice([-1, 1, 2]), "scale": draw.random() < 0.5},
            PICTURE,
        ),
        "LayerNormalization": lambda: ({"axis": draw.choice([-1, 2, [1, 2]])}, PICTURE),
        "UnitNormalization": lambda: ({}, VECTOR),
        "Dropout": lambda: ({"rate": 0.3}, PICTURE),
        "SpatialDropout2D": lambda: ({"rate": 0.3}, PICTURE),
        "GaussianNoise": lambda: ({"stddev": 0.3}, VECTOR),
        "GaussianDropout": lambda: ({"rate": 0.3}, VECTOR),
        "ReLU": lambda: (
            {"max_value": draw.choice([None, 6.0]), "negative_slope": draw.choice([0.0, 0.1])},
            VECTOR,
        ),
        "Softmax": lambda: ({"axis": draw.choice([-1, 1])}, PICTURE),
        "PReLU": lambda: ({"shared_axes": draw.choice([None, [1, 2]])}, PICTURE),
        "ZeroPadding2D": lambda: ({"padding": (pair, pair)}, PICTURE),
        "Cropping2D": lambda: ({"cropping": (pair, pair)}, PICTURE),
        "UpSampling2D": lambda: ({"size": (small(), small())}, PICTURE),
    }.get(kind, lambda: ({}, PICTURE))()


@pytest.mark.parametrize("kind", sorted(set(LAYERS) - {"InputLayer"}))
def test_shape_and_count_are_keras_own(kind):
    import keras

    from workers.guest.describe import describe
    from workers.training.build import build

    draw = random.Random(kind)
    tried = 0
    for _ in range(12):
        chosen, shape = options(kind, draw)
        fewest, most = LAYERS[kind].inputs
        starts = [keras.Input(shape) for _ in range(draw.randint(fewest, min(most, 3)))]
        try:
            output = getattr(keras.layers, kind)(**chosen)(starts if len(starts) > 1 else starts[0])
        except ValueError:
            continue
        theirs = keras.Model(starts, output)
        ours = read_model(describe(theirs, shape))
        assert ours.output_shapes == (tuple(output.shape[1:]),), chosen
        assert ours.params == theirs.count_params(), chosen
        assert ours.trainable_params == sum(_size(v.shape) for v in theirs.trainable_variables)
        rebuilt = build(canonical(ours), seed=0)
        assert tuple(rebuilt.output.shape[1:]) == ours.output_shapes[0], chosen
        assert rebuilt.count_params() == ours.params, chosen
        tried += 1
    assert tried >= 4


def _size(shape):
    count = 1
    for axis in shape:
        count *= axis
    return count


def test_the_documents_happy_model_counts_as_the_document_prints():
    import keras
    from keras import layers as L

    from workers.guest.describe import describe

    start = keras.Input((64, 64, 3))
    x = L.ZeroPadding2D((3, 3))(start)
    x = L.Conv2D(32, (7, 7), strides=(1, 1), name="conv0")(x)
    x = L.Activation("relu")(L.BatchNormalization(axis=3, name="bn0")(x))
    x = L.Flatten()(L.MaxPooling2D((2, 2), name="max_pool")(x))
    model = read_model(
        describe(keras.Model(start, L.Dense(1, activation="sigmoid", name="fc")(x)), (64, 64, 3))
    )
    assert (model.params, model.trainable_params) == (37_633, 37_569)


def my_own(x):
    return x


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda k: k.Sequential(), "not_connected"),
        (lambda k: k.Sequential([k.Input((4,)), k.layers.Lambda(lambda x: x)]), "refused_layer"),
        (lambda k: k.Sequential([k.Input((4,)), k.layers.Dense(2, activation=my_own)]), "custom_function"),
        (lambda k: k.Sequential([k.Input((4, 3)), k.layers.LSTM(2)]), "refused_layer"),
        (lambda k: k.Sequential([k.Input((4,)), k.layers.Dense(2, dtype="float16")]), "refused_dtype"),
        (
            lambda k: k.Sequential([k.Input((None, None, 3)), k.layers.GlobalMaxPooling2D()]),
            "open_input_shape",
        ),
        (
            lambda k: k.Sequential(
                [k.Input((4,)), k.layers.Dense(2, kernel_initializer=k.initializers.Constant([[1.0]]))]
            ),
            "refused_option",
        ),
    ],
)
def test_what_is_refused_says_which_and_why(make, code):
    import keras

    from workers.guest.describe import Refused, describe

    with pytest.raises((Refused, StudentError)) as caught:
        read_model(describe(make(keras), (4,)))
    found = caught.value.code if isinstance(caught.value, Refused) else caught.value.messages[0].code
    assert found == code
