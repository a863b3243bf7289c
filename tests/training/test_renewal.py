"""Statistics are renewed layer by layer, from the rows trained on: what one step on all rows at once would normalize by."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from grader.domain.canonical import canonical
from grader.domain.layers import (
    Activation,
    Add,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    InputLayer,
    MaxPooling2D,
)
from grader.domain.layers.weighting import Choice
from grader.domain.model_spec import ModelSpec, NamedLayer, Node, chain
from grader.domain.training import Stopping, TrainingPlan

pytestmark = pytest.mark.training

SHAPE = (6, 6, 2)
ROWS = 21
RELU, FLAT, END = Activation("relu"), Flatten(), Dense(1, activation="sigmoid")
NORMAL = BatchNormalization()
CONV = Conv2D(filters=3, kernel_size=(3, 3), padding="same")
BLIND = replace(NORMAL, scale=False, center=False)


def graph(layers, nodes, *, frozen=()):
    nodes = tuple(nodes)
    named = tuple(
        NamedLayer(f"layer_{place}", layer, place not in frozen) for place, layer in enumerate(layers)
    )
    return ModelSpec(named, tuple(Node(*node) for node in nodes), (0,), (len(nodes) - 1,))


def residual():
    layers = (InputLayer(SHAPE), CONV, NORMAL, RELU, CONV, NORMAL, Add(), FLAT, END)
    sources = ((), (0,), (1,), (2,), (3,), (4,), (3, 5), (6,), (7,))
    return graph(layers, enumerate(sources))


NETWORKS = {
    "one block": chain(SHAPE, CONV, NORMAL, RELU, FLAT, END),
    "three blocks": chain(SHAPE, *(CONV, NORMAL, RELU) * 2, MaxPooling2D(), CONV, BLIND, FLAT, END),
    "first of all": chain(SHAPE, NORMAL, FLAT, Dense(4), NORMAL, RELU, END),
    "another axis": chain(SHAPE, CONV, replace(NORMAL, axis=1), RELU, FLAT, END),
    "with branches": residual(),
}


def built(model, seed=3):
    from workers.training.build import build_steps

    return build_steps(canonical(model), seed)


def renewed(model, x, batch_size=8):
    """The model with averages that tell nothing, then renewed."""
    from workers.training.renewal import Renewal

    found = built(model)
    for layer in normalizations(found):
        layer.moving_mean.assign(np.full(layer.moving_mean.shape, 7.0, "float32"))
        layer.moving_variance.assign(np.full(layer.moving_variance.shape, 50.0, "float32"))
    Renewal(found, canonical(model), x, batch_size).renew()
    return found


def normalizations(found):
    return [layer for layer in found.layers.values() if hasattr(layer, "moving_mean")]


def statistics(found):
    return [
        np.stack([layer.moving_mean.numpy(), layer.moving_variance.numpy()])
        for layer in normalizations(found)
    ]


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(0.5, 2.0, (ROWS, *SHAPE)).astype("float32")


@pytest.mark.parametrize("name", NETWORKS)
def test_they_are_those_of_all_rows_at_once(name, x):
    """Keras's own layer, told to forget (momentum 0), keeps what one pass in training mode over all rows saw."""
    ours = statistics(renewed(NETWORKS[name], x))
    theirs = built(NETWORKS[name])
    for layer in normalizations(theirs):
        layer.momentum = 0.0
    theirs.model(x, training=True)
    assert ours
    for own, other in zip(ours, statistics(theirs), strict=True):
        assert np.allclose(own, other, rtol=1e-4, atol=1e-5)
    # So a picture gets from the renewed network what it gets among all of them.
    again = renewed(NETWORKS[name], x).model(x, training=False)
    assert np.allclose(again, theirs.model(x, training=True), atol=1e-4)


def test_dropout_below_drops_nothing(x):
    dropping = chain(SHAPE, CONV, Dropout(0.5), NORMAL, RELU, FLAT, END)
    plain = chain(SHAPE, CONV, NORMAL, RELU, FLAT, END)
    (own,), (other,) = statistics(renewed(dropping, x)), statistics(renewed(plain, x))
    assert own.shape == other.shape
    assert not np.allclose(own, 7.0)
    mean = x.mean(axis=(0, 1, 2))
    dropped = renewed(chain(SHAPE, Dropout(0.5), NORMAL, FLAT, END), x)
    assert np.allclose(statistics(dropped)[0][0], mean, atol=1e-5)


def test_frozen_layers_keep_theirs(x):
    layers = (InputLayer(SHAPE), CONV, NORMAL, CONV, NORMAL, FLAT, END)
    model = graph(layers, ((place, (place - 1,) if place else ()) for place in range(7)), frozen=(2,))
    frozen, free = statistics(renewed(model, x))
    assert (frozen[0] == 7.0).all()
    assert (frozen[1] == 50.0).all()
    assert not (free[0] == 7.0).any()


def test_a_layer_used_twice_pools_its_uses(x):
    """On two branches: of x and of -2 x the mean is -x / 2, and the variance is known."""
    layers = (
        InputLayer((4,)),
        Dense(4, kernel_initializer=Choice("Identity", (("gain", -2.0),))),
        NORMAL,
        Add(),
        END,
    )
    rows = np.random.default_rng(1).normal(3, 1, (ROWS, 4)).astype("float32")
    found = renewed(graph(layers, ((0, ()), (1, (0,)), (2, (0,)), (2, (1,)), (3, (2, 3)), (4, (4,)))), rows)
    both = np.concatenate([rows, -2 * rows])
    assert np.allclose(statistics(found)[0], [both.mean(axis=0), both.var(axis=0)], rtol=1e-4)


def test_a_block_used_twice_in_a_row_forgets_what_its_averages_were(x):
    """Its second use stands above its first, and above the other layer's: what they were before must not matter."""
    from workers.training.renewal import Renewal

    layers = (InputLayer(SHAPE), CONV, NORMAL, RELU, replace(CONV, filters=2), NORMAL, FLAT, END)
    places = [0, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 6, 7]
    model = graph(layers, ((layer, (place - 1,) if place else ()) for place, layer in enumerate(places)))
    found = []
    for start in (0.0, 9.0):
        one = built(model)
        for layer in normalizations(one):
            layer.moving_mean.assign(np.full(layer.moving_mean.shape, start, "float32"))
        Renewal(one, canonical(model), x, 8).renew()
        found.append(statistics(one))
    assert len(found[0]) == 2
    for first, second in zip(*found, strict=True):
        assert np.array_equal(first, second)


def test_what_is_not_finite_stays_as_it_was(x):
    x[0, :, :, 1] = np.inf
    ((mean, variance),) = statistics(renewed(chain(SHAPE, NORMAL, FLAT, END), x))
    assert np.isclose(mean[0], x[..., 0].mean(), rtol=1e-4)
    assert (mean[1], variance[1]) == (7.0, 50.0)
    assert variance[0] != 50.0


def test_one_row_is_enough(x):
    ((mean, variance),) = statistics(renewed(chain(SHAPE, FLAT, NORMAL, END), x[:1]))
    assert np.array_equal(mean, x[0].ravel())
    assert not variance.any()


PLAN = TrainingPlan(
    "traffic-signs", 3, 32, "adam", "categorical_crossentropy", None, 0.2, (0, 1), evaluate_test=True
)
CLASSES = (FLAT, Dense(5), Activation("softmax"))
NORMALIZED = chain((32, 32, 3), Conv2D(filters=4, kernel_size=(3, 3)), NORMAL, RELU, *CLASSES)


def test_both_figures_are_told_and_curves_stay_as_keras_has_them(trainer):
    """Seeds trained together give what each gives alone; a plan without a test has nothing to renew."""
    data = trainer.dataset("traffic-signs")
    together = trainer.train(NORMALIZED, PLAN, data).runs
    alone = trainer.train(NORMALIZED, replace(PLAN, seeds=(1,)), data).runs
    untested = trainer.train(NORMALIZED, replace(PLAN, evaluate_test=False), data).runs
    assert together[1] == alone[0]
    assert [run.history for run in untested] == [run.history for run in together]
    assert [run.by_averages for run in untested] == [None, None]
    for run in together:
        assert run.by_averages.steps == 3 * 3
        assert 0 <= run.by_averages.test_accuracy <= 1
    # After nine steps of 0.99 the averages are nearly what they started as.
    assert together[0].test_accuracy > together[0].by_averages.test_accuracy


def test_steps_are_those_of_the_epoch_that_counts(trainer):
    plan = replace(
        PLAN, epochs=6, seeds=(0,), learning_rate=0.5, stopping=Stopping(accuracy=1.0, patience=2, rows=10)
    )
    (run,) = trainer.train(NORMALIZED, plan, trainer.dataset("traffic-signs")).runs
    losses = run.history["val_loss"]
    assert losses.index(min(losses)) + 1 < run.epochs
    # Or of the last one, which is looked at once more with renewed statistics: its loss is no part of the curve.
    assert run.by_averages.steps in (3 * (1 + losses.index(min(losses))), 3 * run.epochs)


def test_networks_without_it_have_one_figure(trainer):
    (run, _) = trainer.train(chain((32, 32, 3), *CLASSES), PLAN, trainer.dataset("traffic-signs")).runs
    assert run.by_averages is None
