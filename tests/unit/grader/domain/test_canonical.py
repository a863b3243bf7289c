from __future__ import annotations

import itertools

import pytest

from grader.domain.canonical import canonical, without_start
from grader.domain.layers import (
    AveragePooling2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
    ReLU,
)
from grader.domain.layers.weighting import Choice
from grader.domain.model_spec import chain

CONV = Conv2D(filters=4, kernel_size=(3, 3))
SHAPE = (64, 64, 3)


def form(*layers):
    return canonical(chain(SHAPE, *layers))


def test_all_orders_that_swapping_allows_are_one_form():
    """Pool, Dropout, ReLU, Flatten after a convolution: pool stays before dropout, flatten after pool."""
    pieces = {"pool": MaxPooling2D(), "drop": Dropout(0.5), "relu": ReLU(), "flat": Flatten()}
    allowed = {
        order
        for order in itertools.permutations(pieces)
        if order.index("pool") < order.index("drop") and order.index("pool") < order.index("flat")
    }
    forms = {form(CONV, *(pieces[name] for name in order), Dense(5)) for order in allowed}
    assert len(allowed) == 8
    assert len(forms) == 1


def test_dropout_before_pooling_is_another_network():
    assert form(CONV, Dropout(0.5), MaxPooling2D(), Flatten()) != form(
        CONV, MaxPooling2D(), Dropout(0.5), Flatten()
    )


@pytest.mark.parametrize("pooling", [AveragePooling2D()])
def test_relu_stays_on_its_side_of_an_average(pooling):
    assert form(CONV, ReLU(), pooling) != form(CONV, pooling, ReLU())


def test_initializers_belong_to_the_form_and_not_to_the_architecture():
    he = Dense(5, kernel_initializer=Choice("HeNormal"))
    assert form(Flatten(), he) != form(Flatten(), Dense(5))
    assert without_start(he) == Dense(5)


def test_the_digest_names_the_form():
    assert form(CONV, ReLU()).digest == form(Conv2D(filters=4, kernel_size=(3, 3), activation="relu")).digest
    assert form(CONV).digest != form(CONV, ReLU()).digest
