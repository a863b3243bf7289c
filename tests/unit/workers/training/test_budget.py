"""Budgets at their edge: one unit less and the model is refused, by the name of the layer that costs most."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.domain.errors import Reason, StudentError
from grader.domain.layers import (
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    LayerNormalization,
    SeparableConv2D,
    UpSampling2D,
    size_of,
)
from grader.domain.layers.costs import PER_NODE, PER_WEIGHT
from grader.domain.layers.work import work
from grader.domain.model_spec import chain
from grader.domain.training import Borderline, Stopping, TrainingPlan
from grader.messages import render
from workers.training.budget import BASE_BYTES, GIB, Data, affordable, an_epoch, memory, refuse_too_large
from workers.training.trainer import TrainerLimits

PLAN = TrainingPlan("digits", 2, 32, "adam", "categorical_crossentropy")
DATA = Data(1000, 200, 784)
MODEL = chain((28, 28, 1), Conv2D(filters=8, kernel_size=(3, 3)), Flatten(), Dense(10))

EPOCH = an_epoch(MODEL, PLAN, 1000)


def refused(check):
    with pytest.raises(StudentError) as caught:
        check()
    assert caught.value.reason is Reason.TOO_BIG
    return render(caught.value.messages[0])


def test_work_at_the_edge():
    cost = 2 * EPOCH
    assert MODEL.operations == 784 + 9 * 26 * 26 * 8 + 5408 + 5408 * 10
    affordable(MODEL, PLAN, 1000, cost)
    assert "flatten" not in refused(lambda: affordable(MODEL, PLAN, 1000, cost - 1))
    assert "conv2d" in refused(lambda: affordable(MODEL, PLAN, 1000, cost - 1))


def test_an_epoch_is_its_passes_and_its_steps():
    steps = 32  # of 1000 rows, 32 at a time
    each = MODEL.trainable_params * PER_WEIGHT["adam"] + len(MODEL.nodes) * PER_NODE
    assert 3 * MODEL.work * 1000 + steps * each == EPOCH
    # Small batches are many steps: 54,170 weights, changed 1000 times, cost more than all passes.
    assert an_epoch(MODEL, replace(PLAN, batch_size=1), 1000) > 3 * EPOCH


@pytest.mark.parametrize(
    "changes", [{"epochs": 3}, {"seeds": (0, 1)}], ids=lambda changes: next(iter(changes))
)
def test_every_factor_of_a_training_counts(changes):
    cost = 2 * EPOCH
    refused(lambda: affordable(MODEL, replace(PLAN, **changes), 1000, cost))
    affordable(MODEL, replace(PLAN, **changes, samples=100), 1000, cost)


LONG = replace(PLAN, epochs=40)


@pytest.mark.parametrize(("limit", "epochs"), [(40, 40), (41.5, 40), (39.9, 39), (23.5, 23), (17, 17)])
def test_a_large_network_gets_as_many_epochs_as_fit(limit, epochs):
    assert affordable(MODEL, LONG, 1000, int(limit * EPOCH)) == replace(LONG, epochs=epochs)


@pytest.mark.parametrize(("planned", "limit"), [(40, 16.9), (17, 16.9), (16, 15.9), (40, 0.5)])
def test_below_the_fewest_it_is_refused_and_told_what_would_fit(planned, limit):
    plan = replace(PLAN, epochs=planned)
    with pytest.raises(StudentError) as caught:
        affordable(MODEL, plan, 1000, int(limit * EPOCH))
    whole, fits = caught.value.messages
    told = fits.params
    assert (whole.code, whole.params["operations"]) == ("too_long_training", planned * EPOCH)
    assert told["epochs"] == int(limit)
    # What is said to fit does.
    assert 0 < told["fitting"] < MODEL.work
    one = 3 * told["fitting"] * 1000 * min(planned, 17)
    assert one <= int(limit * EPOCH)
    if told["epochs"]:
        affordable(MODEL, replace(plan, epochs=told["epochs"]), 1000, int(limit * EPOCH))


def test_a_choice_of_sixteen_epochs_is_kept_where_they_fit():
    affordable(MODEL, replace(PLAN, epochs=16), 1000, 16 * EPOCH)
    refused(lambda: affordable(MODEL, replace(PLAN, epochs=16), 1000, 16 * EPOCH - 1))


def test_a_wider_band_makes_no_network_too_big():
    three, five = (
        replace(PLAN, seeds=(0, 1, 2, 3, 4), borderline=Borderline(0.1, 0.1, runs)) for runs in (3, 5)
    )
    cost = 2 * EPOCH * 3
    for plan in (three, five):
        affordable(MODEL, plan, 1000, cost)
        refused(lambda plan=plan: affordable(MODEL, plan, 1000, cost - 1))


def test_statistics_that_are_renewed_before_a_test_count():
    model = chain(
        (28, 28, 1), Conv2D(filters=8, kernel_size=(3, 3)), BatchNormalization(), Flatten(), Dense(1)
    )
    tested = replace(PLAN, evaluate_test=True)
    below = work(model.layers[1].layer, ((28, 28, 1),))
    cost = 2 * an_epoch(model, PLAN, 1000)
    affordable(model, PLAN, 1000, cost)
    affordable(model, tested, 1000, cost + below * 1000)
    refused(lambda: affordable(model, tested, 1000, cost + below * 1000 - 1))
    stopping = replace(tested, stopping=Stopping(0.85, patience=1, rows=10))
    affordable(model, stopping, 1000, cost + 4 * below * 1000)
    refused(lambda: affordable(model, stopping, 1000, cost + 4 * below * 1000 - 1))


def test_memory_at_the_edge_names_the_layer_with_the_widest_batch():
    needed = memory(MODEL, PLAN, DATA)
    refuse_too_large(MODEL, PLAN, DATA, needed)
    words = refused(lambda: refuse_too_large(MODEL, PLAN, DATA, needed - 1))
    assert "conv2d" in words
    assert "32 pictures at a time" in words


def test_memory_at_the_edge_names_the_layer_with_most_weights():
    model = chain((1000,), Dense(10), Dense(15_000))
    wide = replace(PLAN, batch_size=1)
    assert "dense" in refused(lambda: refuse_too_large(model, wide, DATA, memory(model, wide, DATA) - 1))


def test_memory_grows_by_what_is_counted():
    base = memory(MODEL, PLAN, DATA)
    batch = memory(MODEL, replace(PLAN, batch_size=64), DATA) - base
    assert batch == 32 * 4 * 8 * sum(map(size_of, MODEL.shapes))
    assert memory(MODEL, PLAN, replace(DATA, train_rows=2000)) - base == 1000 * 784 * 4 * 3
    assert memory(MODEL, replace(PLAN, evaluate_test=True), DATA) - base == 200 * 10 * 4 * 2
    assert base > BASE_BYTES


def test_what_lies_between_two_steps_of_one_layer_counts():
    narrow = SeparableConv2D(filters=1, kernel_size=(1, 1), depth_multiplier=1)
    wide = replace(narrow, depth_multiplier=64)
    small, large = (memory(chain((28, 28, 1), layer), PLAN, DATA) for layer in (narrow, wide))
    assert large - small > 63 * 28 * 28 * 4 * 8 * 32


def test_the_largest_batch_of_the_largest_tensors_does_not_fit_by_default():
    model = chain((28, 28, 1), Conv2D(filters=4096, kernel_size=(1, 1)), Flatten(), Dense(1))
    words = refused(lambda: refuse_too_large(model, replace(PLAN, batch_size=256), DATA, 16 * GIB))
    assert "GiB" in words


def test_layers_that_hardly_multiply_and_take_long_are_refused_by_name():
    """../shared/cases/hostile/costly_layers.py: a quarter of the multiplications that were allowed, and 9,000 seconds a run."""
    layers = [Conv2D(filters=4, kernel_size=(1, 1)), UpSampling2D(size=(4, 4)), *[LayerNormalization()] * 90]
    model = chain((64, 64, 3), *layers, GlobalAveragePooling2D(), Dense(1, activation="sigmoid"))
    plan = TrainingPlan("faces", 40, 4, "adam", "binary_crossentropy", seeds=(0, 1, 2))
    words = refused(lambda: affordable(model, plan, 100, TrainerLimits().operations))
    assert "layernormalization" in words
