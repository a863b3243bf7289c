"""Every kind of layer has a price, and what costs much without multiplying costs much."""

from __future__ import annotations

import pytest

from grader.catalog import OPTIMIZERS
from grader.domain.layers import (
    LAYERS,
    Conv2D,
    Dense,
    InputLayer,
    LayerNormalization,
    MaxPooling2D,
    UpSampling2D,
)
from grader.domain.layers.costs import OF_ACTIVATIONS, PER_NUMBER, PER_WEIGHT
from grader.domain.layers.option import ACTIVATIONS
from grader.domain.layers.work import kind_of, work
from grader.domain.model_spec import chain

PICTURE = (64, 64, 16)


def test_every_kind_has_a_price() -> None:
    priced = {kind.partition(" ")[0] for kind in PER_NUMBER}
    assert priced == LAYERS.keys() - {InputLayer.__name__, "Activation"}


@pytest.mark.parametrize("few", ["", " on few channels"])
def test_every_activation_has_a_price(few: str) -> None:
    assert {f"{name}{few}" for name in ACTIVATIONS if name != "linear"} <= OF_ACTIVATIONS.keys()


def test_every_optimizer_has_a_price() -> None:
    assert OPTIMIZERS.keys() == PER_WEIGHT.keys()


def test_few_channels_groups_and_gaps_have_prices_of_their_own() -> None:
    assert kind_of(LayerNormalization(), ((64, 64, 4),)) == "LayerNormalization on few channels"
    assert kind_of(LayerNormalization(), (PICTURE,)) == "LayerNormalization"
    assert kind_of(Dense(1), ((128,),)) == "Dense"
    assert kind_of(Conv2D(filters=16, kernel_size=(3, 3), groups=2), (PICTURE,)) == "Conv2D in groups"
    assert (
        kind_of(Conv2D(filters=16, kernel_size=(3, 3), dilation_rate=(2, 2)), (PICTURE,))
        == "Conv2D with gaps"
    )


def test_a_normalization_costs_many_times_its_numbers() -> None:
    assert work(LayerNormalization(), (PICTURE,)) > 50 * 64 * 64 * 16


def test_a_window_costs_by_its_size() -> None:
    small, large = (MaxPooling2D(pool_size=(size, size), strides=(1, 1), padding="same") for size in (2, 16))
    assert work(large, (PICTURE,)) > 2 * work(small, (PICTURE,))


def test_an_activation_inside_a_layer_costs_as_one_behind_it() -> None:
    plain, with_gelu = (
        Conv2D(filters=16, kernel_size=(3, 3), activation=name) for name in ("linear", "gelu")
    )
    assert work(with_gelu, (PICTURE,)) - work(plain, (PICTURE,)) == OF_ACTIVATIONS["gelu"] * 62 * 62 * 16


def test_the_dearest_layer_is_not_the_one_that_multiplies_most() -> None:
    model = chain(
        (64, 64, 3),
        Conv2D(filters=16, kernel_size=(3, 3)),
        UpSampling2D(size=(4, 4)),
        LayerNormalization(),
    )
    assert model.layer_of(model.dearest).layer == LayerNormalization()
    assert model.layer_of(model.costliest).layer.kind == "Conv2D"
