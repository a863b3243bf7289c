from __future__ import annotations

import pytest

from grader.domain.commuting import Entry, commute, least_order, needed_before
from grader.domain.layers import (
    ELU,
    Activation,
    AveragePooling2D,
    Conv2D,
    Dropout,
    Flatten,
    GaussianNoise,
    GlobalMaxPooling3D,
    LeakyReLU,
    MaxPooling2D,
    PReLU,
    Reshape,
    Softmax,
    SpatialDropout2D,
)

CONV = Conv2D(filters=4, kernel_size=(3, 3))
RELU, GELU = Activation("relu"), Activation("gelu")
SHAPE = (12, 12, 3)


@pytest.mark.parametrize(
    ("one", "other", "yes"),
    [
        (RELU, MaxPooling2D(), True),
        (ELU(0.5), GlobalMaxPooling3D(), True),
        (GELU, MaxPooling2D(), False),
        (RELU, AveragePooling2D(), False),
        (GELU, Flatten(), True),
        (Activation("softmax"), Flatten(), False),
        (Softmax(-2), Reshape((6, 72)), False),
        (GaussianNoise(0.1), Flatten(), True),
        (Dropout(0.5), LeakyReLU(0.3), True),
        (Dropout(0.5), PReLU(), True),
        (Dropout(0.5), ELU(0.5), False),
        (Dropout(0.5), MaxPooling2D(), False),
        (SpatialDropout2D(0.5), AveragePooling2D(), True),
        (SpatialDropout2D(0.5), Flatten(), False),
        (CONV, RELU, False),
    ],
)
def test_which_layers_commute(one, other, yes):
    assert commute(one, other) is commute(other, one) is yes


def ordered(*layers):
    entries = []
    shape = SHAPE
    for layer in layers:
        entries.append(Entry(layer, True, len(entries), len(entries), shape))
        shape = layer.output_shape((shape,))
    return [entry.layer for entry in least_order(entries)]


def test_changes_of_shape_in_a_row_are_one_or_none():
    assert ordered(Flatten(), RELU, Reshape((6, 72))) == [RELU, Reshape((6, 72))]
    assert ordered(Flatten(), Dropout(0.5), Reshape(SHAPE), CONV) == [Dropout(0.5), CONV]


def test_what_was_kept_apart_by_a_detour_comes_together():
    assert ordered(RELU, Flatten(), RELU, Reshape(SHAPE), RELU, MaxPooling2D()) == [MaxPooling2D(), RELU]


def test_what_has_to_stay_before_a_layer():
    layers = [CONV, Dropout(0.5), RELU, MaxPooling2D(), Flatten()]
    assert needed_before(layers, 2) == [0]
    assert needed_before(layers, 3) == [0, 1]
    assert needed_before(layers, 4) == [0, 1, 3]
