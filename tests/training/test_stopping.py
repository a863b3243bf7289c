"""A plan that ends early does so for its reasons, and the epoch that counts is the best one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from grader.domain.canonical import canonical
from grader.domain.layers import Activation, BatchNormalization, Dense, Dropout, Flatten
from grader.domain.layers.weighting import Choice
from grader.domain.model_spec import chain
from grader.domain.training import Stopping, TrainingPlan

pytestmark = pytest.mark.training

NETWORK = chain((32, 32, 3), Flatten(), Dense(32, activation="relu"), Dense(5), Activation("softmax"))
WHOLE = TrainingPlan(
    "traffic-signs", 12, 32, "adam", "categorical_crossentropy", None, 0.2, (0,), evaluate_test=True
)


@pytest.fixture(scope="module")
def whole(trainer):
    """The same training to its last epoch."""
    return train(trainer, None)


def train(trainer, stopping):
    plan = replace(WHOLE, stopping=stopping)
    (run,) = trainer.train(NETWORK, plan, trainer.dataset("traffic-signs")).runs
    return run


def train_whole(trainer, epochs):
    """To that epoch, without stopping."""
    plan = replace(WHOLE, epochs=epochs)
    (run,) = trainer.train(NETWORK, plan, trainer.dataset("traffic-signs")).runs
    return run


@pytest.mark.parametrize("layers", [(), (Dropout(0.3), BatchNormalization())])
def test_validation_is_what_keras_gives(layers):
    """Bit for bit, regularizers and a smaller last batch included; twice, since a calibration fits again."""
    import keras

    from workers.training.build import build
    from workers.training.validation import Validation

    x = np.random.default_rng(0).random((50, 6), "float32")
    y = np.eye(3, dtype="float32")[np.arange(50) % 3]
    found = []
    for own in (True, False):
        keras.utils.set_random_seed(1)
        regular = Dense(8, activation="relu", kernel_regularizer=Choice("L2", (("l2", 0.01),)))
        model = build(canonical(chain((6,), regular, *layers, Dense(3), Activation("softmax"))), 1)
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
        kept = {} if own else {"validation_data": (x[30:], y[30:])}
        judge = [Validation(x[30:], y[30:], 8)] if own else []
        for _ in range(2):
            history = model.fit(x[:30], y[:30], batch_size=8, epochs=3, verbose=0, callbacks=judge, **kept)
            found.append(history.history)
    assert found[:2] == found[2:]
    assert set(found[0]) == {"loss", "accuracy", "val_loss", "val_accuracy"}


@pytest.mark.parametrize(("rows", "split"), [(100, 0.2), (600, 0.2), (6000, 1 / 6), (7, 0.3), (10, 0.0)])
def test_rows_are_kept_as_keras_keeps_them(rows, split):
    from keras.src.trainers.data_adapters.array_slicing import train_validation_split

    plan = replace(WHOLE, validation_split=split)
    kept = plan.validation_of(rows)
    if split:
        (trained_on,), (validated,) = train_validation_split((np.arange(rows),), split)
        assert (len(trained_on), len(validated)) == (rows - kept, kept)
    else:
        assert kept == 0


def test_it_ends_with_the_first_epoch_that_is_good_enough(trainer, whole):
    curve = whole.history["val_accuracy"]
    wanted = curve[5]
    first = next(epoch for epoch, value in enumerate(curve, start=1) if value >= wanted)
    run = train(trainer, Stopping(accuracy=wanted, patience=12, rows=10))
    assert run.epochs == first < 12
    for name, values in run.history.items():
        assert values == whole.history[name][:first]


def test_epochs_before_the_earliest_are_not_judged(trainer, whole):
    """They neither end the training nor count as patience, and judging does not touch what is trained."""
    run = train(trainer, Stopping(accuracy=0.01, patience=1, rows=10, earliest=4))
    assert run.epochs == 4
    for name, values in run.history.items():
        unjudged = [None] * 3 if name.startswith("val_") else list(whole.history[name][:3])
        assert list(values) == [*unjudged, whole.history[name][3]]
    assert run.test_accuracy == train_whole(trainer, epochs=4).test_accuracy


def test_it_ends_when_it_learns_no_more(trainer, whole):
    losses = whole.history["val_loss"]
    run = train(trainer, Stopping(accuracy=1.0, patience=1, rows=10))
    best = min(range(run.epochs), key=lambda epoch: losses[epoch])
    assert run.epochs == 12 or run.epochs == best + 2


def test_the_best_epochs_weights_count(trainer):
    """The learning rate is so high that the loss jumps."""
    plan = replace(WHOLE, learning_rate=0.05, stopping=Stopping(accuracy=1.0, patience=2, rows=10))
    (run,) = trainer.train(NETWORK, plan, trainer.dataset("traffic-signs")).runs
    best = min(range(run.epochs), key=lambda epoch: run.history["val_loss"][epoch])
    until_then = replace(plan, stopping=None, epochs=best + 1)
    (same,) = trainer.train(NETWORK, until_then, trainer.dataset("traffic-signs")).runs
    assert best + 1 < run.epochs
    assert run.test_accuracy == same.test_accuracy


def test_too_few_rows_to_judge_by_are_trained_on(trainer):
    run = train(trainer, Stopping(accuracy=0.1, patience=1, rows=21))
    assert run.epochs == 12
    assert set(run.history) == {"loss", "accuracy"}


class Network:
    """What a callback needs of a model: weights, and a word that ends the training."""

    def __init__(self):
        self.stop_training, self.weights = False, []

    def get_weights(self):
        return list(self.weights)

    def set_weights(self, weights):
        self.weights = weights


def ended(losses, looks, patience=3, epochs=9):
    """The epoch that it ended with, the one that counts, and how often it looked twice; its weights are its epochs."""
    from workers.training.stopping import StopWhenLearnt

    asked = []

    def look():
        asked.append(len(losses))
        return looks[len(asked) - 1]

    stopping = StopWhenLearnt(Stopping(0.85, patience, 10), epochs, look if looks is not None else None)
    network = Network()
    stopping.set_model(network)
    for epoch, loss in enumerate(losses[:epochs]):
        network.weights = [epoch + 1]
        stopping.on_epoch_end(epoch, {"val_loss": loss, "val_accuracy": 0.5})
        if network.stop_training:
            break
    stopping.on_train_end()
    assert network.weights == [stopping.best_epoch]
    return epoch + 1, stopping.best_epoch, len(asked)


RISING = [float(loss) for loss in range(1, 20)]


@pytest.mark.parametrize(
    ("looks", "found"),
    [
        (None, (4, 1, 0)),
        ([{"loss": 2.0, "accuracy": 0.6}], (4, 1, 1)),  # it is stuck indeed
        ([{"loss": 0.9, "accuracy": 0.9}], (4, 4, 1)),  # it has learnt, and its averages did not show it
        ([{"loss": 0.9, "accuracy": 0.6}, {"loss": 2.0, "accuracy": 0.6}], (7, 4, 2)),  # it was on its way
        ([{"loss": 0.9, "accuracy": 0.6}, {"loss": 0.5, "accuracy": 0.9}], (7, 7, 2)),
        ([{"loss": float("nan"), "accuracy": 0.6}], (4, 1, 1)),
    ],
)
def test_before_it_gives_up_it_looks_with_renewed_statistics(looks, found):
    assert ended(RISING, looks) == found


def test_after_the_last_epoch_it_looks_as_well():
    assert ended(RISING, [{"loss": 0.5, "accuracy": 0.6}], patience=12, epochs=5) == (5, 5, 1)
    assert ended([3.0, 2.0, 1.0], [{"loss": 1.5, "accuracy": 0.6}], patience=12, epochs=3) == (3, 3, 1)


def test_a_look_leaves_everything_as_it_was(trainer):
    """A training that looks twice, and goes on, has the curves of one that does not; what counts is another epoch."""
    data = trainer.dataset("traffic-signs")
    network = chain(
        (32, 32, 3), Flatten(), Dense(8), BatchNormalization(momentum=0.999), Dense(5, activation="softmax")
    )
    whole = train_of(trainer, network, data, None)
    looking = train_of(trainer, network, data, Stopping(accuracy=1.0, patience=2, rows=10))
    assert looking.epochs > 3
    for name, values in looking.history.items():
        assert values == whole.history[name][: looking.epochs]
    assert looking.by_averages.steps <= 3 * looking.epochs


def train_of(trainer, network, data, stopping):
    (run,) = trainer.train(network, replace(WHOLE, stopping=stopping), data).runs
    return run
