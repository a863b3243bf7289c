"""A plan that ends early does so for its reasons, and the epoch that counts is the best one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.domain.layers import Activation, Dense, Flatten
from grader.domain.model_spec import chain
from grader.domain.training import Stopping, TrainingPlan
from grader.settings import BUILT_IN_ASSIGNMENTS
from workers.training.datasets import find_declarations
from workers.training.trainer import ProcessTrainer

pytestmark = pytest.mark.training

NETWORK = chain((32, 32, 3), Flatten(), Dense(32, activation="relu"), Dense(5), Activation("softmax"))
WHOLE = TrainingPlan(
    "traffic-signs", 12, 32, "adam", "categorical_crossentropy", None, 0.2, (0,), evaluate_test=True
)


@pytest.fixture(scope="module")
def trainer(tmp_path_factory):
    trainer = ProcessTrainer(find_declarations(BUILT_IN_ASSIGNMENTS), tmp_path_factory.mktemp("data"))
    yield trainer
    trainer.close()


@pytest.fixture(scope="module")
def whole(trainer):
    """The same training to its last epoch."""
    return train(trainer, None)


def train(trainer, stopping):
    plan = replace(WHOLE, stopping=stopping)
    (run,) = trainer.train(NETWORK, plan, trainer.dataset("traffic-signs")).runs
    return run


def test_it_ends_with_the_first_epoch_that_is_good_enough(trainer, whole):
    curve = whole.history["val_accuracy"]
    wanted = curve[5]
    first = next(epoch for epoch, value in enumerate(curve, start=1) if value >= wanted)
    run = train(trainer, Stopping(accuracy=wanted, patience=12, rows=10))
    assert run.epochs == first < 12
    for name, values in run.history.items():
        assert values == whole.history[name][:first]


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
