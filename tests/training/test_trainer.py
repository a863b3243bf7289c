"""The trainer for real: the same every time, bounded, and never a student's fault when it fails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.domain.errors import DataUnavailable, StudentError, TrainerFault
from grader.domain.layers import (
    Activation,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from grader.domain.model_spec import chain
from grader.domain.training import TrainingPlan
from grader.settings import BUILT_IN_ASSIGNMENTS
from workers.training.datasets import find_declarations
from workers.training.trainer import ProcessTrainer, TrainerLimits

pytestmark = pytest.mark.training

SHAPE = (32, 32, 3)
PLAN = TrainingPlan(
    "traffic-signs", 2, 32, "adam", "categorical_crossentropy", None, 0.2, (0,), evaluate_test=True
)
CONV = Conv2D(filters=8, kernel_size=(3, 3))
TAIL = (Dense(16, activation="relu"), Dense(5, activation="softmax"))


def signs(trainer):
    return trainer.dataset("traffic-signs")


def make_trainer(folder, **limits):
    return ProcessTrainer(find_declarations(BUILT_IN_ASSIGNMENTS), folder, TrainerLimits(**limits))


@pytest.fixture(scope="module")
def trainer(tmp_path_factory):
    trainer = make_trainer(tmp_path_factory.mktemp("data"))
    yield trainer
    trainer.close()


def test_two_spellings_give_one_run_bit_for_bit(trainer):
    written = chain(SHAPE, CONV, MaxPooling2D(), Dropout(0.5), Activation("relu"), Flatten(), *TAIL)
    other = chain(SHAPE, replace(CONV, activation="relu"), MaxPooling2D(), Flatten(), Dropout(0.5), *TAIL)
    first, second = (trainer.train(model, PLAN, signs(trainer)) for model in (written, other))
    assert first.runs == second.runs
    assert first.runs[0].epochs == 2
    assert set(first.runs[0].history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert 0 <= first.test_accuracy <= 1


def test_another_seed_is_another_run(trainer):
    plan = replace(PLAN, seeds=(0, 1))
    run = trainer.train(chain(SHAPE, Flatten(), *TAIL), plan, signs(trainer))
    assert [each.seed for each in run.runs] == [0, 1]
    assert run.runs[0].history != run.runs[1].history


def test_a_training_that_is_too_long_is_refused_before_it_starts(tmp_path):
    trainer = make_trainer(tmp_path, operations=1000)
    with pytest.raises(StudentError) as caught:
        trainer.train(chain(SHAPE, Flatten(), *TAIL), PLAN, signs(trainer))
    assert caught.value.messages[0].code == "too_long_training"


def test_a_trainer_that_outlives_its_time_is_our_fault_and_is_replaced(tmp_path):
    impatient = make_trainer(tmp_path, wall_seconds=0.01)
    with pytest.raises(TrainerFault, match="outlived"):
        impatient.train(chain(SHAPE, Flatten(), *TAIL), PLAN, signs(impatient))
    assert impatient._process._process is None


def test_a_loss_that_keras_does_not_know_is_our_fault_and_the_next_run_works(trainer):
    broken = replace(PLAN, loss="no_such_loss")
    model = chain(SHAPE, Flatten(), *TAIL)
    with pytest.raises(TrainerFault, match="no_such_loss"):
        trainer.train(model, broken, signs(trainer))
    assert trainer.train(model, PLAN, signs(trainer)).runs


def test_a_loss_that_is_not_finite_is_absent_and_not_a_number(trainer):
    plan = replace(PLAN, optimizer="sgd", learning_rate=1e30)
    run = trainer.train(chain(SHAPE, Flatten(), *TAIL), plan, signs(trainer))
    assert None in run.runs[0].history["loss"]
    assert run.final("accuracy") <= 1


def test_an_unknown_data_set_is_ours(trainer):
    with pytest.raises(DataUnavailable, match="traffic-sign"):
        trainer.dataset("traffic-sign")
