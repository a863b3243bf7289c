"""The trainer for real: the same every time, bounded, and never a student's fault when it fails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.domain.errors import DataUnavailable, StudentError, TrainerFault
from grader.domain.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from grader.domain.model_spec import chain
from grader.domain.training import LOSSES, OPTIMIZERS, Borderline, Stopping, TrainingPlan
from grader.settings import BUILT_IN_ASSIGNMENTS
from workers.training.budget import an_epoch
from workers.training.death import TrainerDied
from workers.training.declaration import find_declarations
from workers.training.run_folder import FolderCache
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


@pytest.fixture
def make_trainer(warm_process, data_of_all):
    """A trainer with other limits, one that keeps its runs, or one with a data folder of its own."""

    def make(cache=None, folder=None, **limits):
        known = find_declarations(BUILT_IN_ASSIGNMENTS)
        return ProcessTrainer(known, folder or data_of_all, TrainerLimits(**limits), cache, warm_process)

    return make


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


RESTLESS = (CONV, BatchNormalization(), Activation("relu"), MaxPooling2D(), Dropout(0.5), Flatten(), *TAIL)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"optimizer": "rmsprop", "optimizer_options": {"momentum": 0.5}, "learning_rate": 0.01},
        {"epochs": 4, "stopping": Stopping(accuracy=0.3, patience=1, rows=1)},
    ],
)
def test_seeds_that_are_trained_together_give_what_each_gives_alone(trainer, changed):
    """Bit for bit: a calibration's samples are what grading would give."""
    model, plan = chain(SHAPE, *RESTLESS), replace(PLAN, **changed)
    alone = [trainer.train(model, replace(plan, seeds=(seed,)), signs(trainer)).runs[0] for seed in (3, 0, 7)]
    assert trainer.sample(model, plan, signs(trainer), (3, 0, 7)) == alone
    assert len({run.history["loss"] for run in alone}) == 3


def test_seeds_that_a_plan_needs_are_trained_in_one_fork_and_kept_one_by_one(make_trainer, tmp_path):
    trainer = make_trainer(FolderCache(tmp_path))
    model = chain(SHAPE, Flatten(), *TAIL)
    data, plan = signs(trainer), replace(PLAN, epochs=1)
    middle = trainer.train(model, replace(plan, seeds=(1,)), data)
    forks = trainer._process._process.runs
    run = trainer.train(model, replace(plan, seeds=(0, 1, 2)), data)
    assert trainer._process._process.runs == forks + 1
    assert [each.seed for each in run.runs] == [0, 1, 2]
    assert (run.runs[1], run.cached) == (middle.runs[0], False)
    last = trainer.train(model, replace(plan, seeds=(2, 0)), data)
    assert (last.runs, last.cached) == ((run.runs[2], run.runs[0]), True)


def in_band(value, width, **other):
    """A plan whose first run has `value`; seeds are those of the plan."""
    return replace(
        PLAN, epochs=1, seeds=(0, 1, 2, 3, 4), threshold=value, borderline=Borderline(width, width), **other
    )


def test_only_a_borderline_case_is_trained_again(trainer):
    """The first run's own accuracy as the threshold is as close as can be; a band of no width decides at once."""
    model = chain(SHAPE, Flatten(), *TAIL)
    alone = trainer.train(model, replace(PLAN, epochs=1), signs(trainer)).runs[0]
    close = trainer.train(model, in_band(alone.accuracy, 0.05), signs(trainer))
    assert close.borderline
    assert 2 <= len(close.runs) <= 3
    assert close.runs[0] == alone
    assert [run.seed for run in close.runs] == list(range(len(close.runs)))
    clear = trainer.train(model, in_band(alone.accuracy - 0.2, 0.05), signs(trainer))
    assert (clear.borderline, clear.runs) == (False, (alone,))


def test_what_a_borderline_case_needs_is_known_once_it_was_trained(make_trainer, tmp_path):
    trainer = make_trainer(FolderCache(tmp_path))
    model = chain(SHAPE, Flatten(), *TAIL)
    alone = trainer.train(model, replace(PLAN, epochs=1), signs(trainer))
    plan = in_band(alone.accuracy, 0.05)
    assert not trainer.knows(model, plan, signs(trainer))
    first = trainer.train(model, plan, signs(trainer))
    assert trainer.knows(model, plan, signs(trainer))
    again = trainer.train(model, plan, signs(trainer))
    assert (first.cached, again.cached, again.runs) == (False, True, first.runs)


def test_a_training_that_is_too_long_is_refused_before_it_starts(make_trainer):
    trainer = make_trainer(operations=1000)
    with pytest.raises(StudentError) as caught:
        trainer.train(chain(SHAPE, Flatten(), *TAIL), PLAN, signs(trainer))
    assert [told.code for told in caught.value.messages] == ["too_long_training", "what_would_fit"]


def test_a_training_that_uses_its_cpu_seconds_up_is_our_fault_about_the_model(make_trainer, tmp_path):
    """At once, without another try, and its layers are told and kept; the warm process forks the next one."""
    strict = make_trainer(folder=tmp_path, cpu_seconds=1)
    model, plan = chain(SHAPE, Flatten(), *TAIL), replace(PLAN, epochs=100_000)
    strict.warm()
    forks = strict._process._process.runs
    with pytest.raises(TrainerDied, match="SIGXCPU") as caught:
        strict.train(model, plan, signs(strict))
    assert caught.value.about_model
    assert "Dense on (3072,)" in str(caught.value)
    (kept,) = (tmp_path / "cache" / "died").iterdir()
    assert kept.name in str(caught.value)
    assert strict._process._process.runs == forks + 1
    assert make_trainer().train(model, PLAN, signs(strict)).runs


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


DIGITS = TrainingPlan(
    "mnist",
    2,
    64,
    "rmsprop",
    "sparse_categorical_crossentropy",
    evaluate_test=True,
    samples=1000,
    threshold=0.6,
)
LAYERS = (Dense(32, activation="relu"), Dense(10))


def digits(trainer, model, **changes):
    plan = replace(DIGITS, **changes)
    return trainer.train(model, plan, trainer.dataset(plan.dataset))


def test_digits_come_in_the_shape_that_the_model_takes(trainer):
    """The same numbers, whether a row or a picture: equal runs, bit for bit."""
    softmax = Activation("softmax")
    row = digits(trainer, chain((784,), *LAYERS, softmax))
    picture = digits(trainer, chain((28, 28), Flatten(), *LAYERS, softmax))
    with_colour = digits(trainer, chain((28, 28, 1), Flatten(), *LAYERS, softmax))
    assert picture.runs[0].test_accuracy == with_colour.runs[0].test_accuracy
    assert 0.6 < row.test_accuracy < 0.95
    assert (row.threshold, set(row.runs[0].history)) == (0.6, {"loss", "accuracy"})
    with pytest.raises(TrainerFault):
        digits(trainer, chain((27, 28), Flatten(), *LAYERS, softmax))


def test_the_last_rows_are_for_validation(trainer):
    run = digits(trainer, chain((784,), *LAYERS, Activation("softmax")), validation_samples=200)
    share = digits(trainer, chain((784,), *LAYERS, Activation("softmax")), validation_split=0.2)
    assert run.runs[0].history == share.runs[0].history
    assert "val_accuracy" in run.runs[0].history


def test_a_loss_on_logits_is_the_same_as_on_their_softmax(trainer):
    """Numbers differ in the last bits only; without logits the same network learns something else."""
    logits = digits(trainer, chain((784,), *LAYERS), from_logits=True).runs[0].history["loss"]
    softmax = digits(trainer, chain((784,), *LAYERS, Activation("softmax"))).runs[0].history["loss"]
    bare = digits(trainer, chain((784,), *LAYERS)).runs[0].history["loss"]
    assert logits == pytest.approx(softmax, rel=1e-3)
    assert bare != pytest.approx(softmax, rel=0.1)


def test_an_optimizer_gets_its_options(trainer):
    model = chain((784,), *LAYERS, Activation("softmax"))
    plain = digits(trainer, model, optimizer="sgd")
    pushed = digits(trainer, model, optimizer="sgd", optimizer_options={"momentum": 0.9, "nesterov": True})
    assert pushed.final("loss") < plain.final("loss")


def test_every_loss_and_optimizer_that_a_plan_may_name_is_one_of_keras():
    import keras

    for name, options in OPTIMIZERS.items():
        known = keras.optimizers.get(name).get_config()
        assert options <= set(known), name
    for loss in LOSSES:
        assert keras.losses.get(loss)


def test_a_long_plan_may_cost_more(make_trainer):
    model = chain(SHAPE, Flatten(), *TAIL)
    cost = an_epoch(model, PLAN, 100) * PLAN.epochs
    trainer = make_trainer(operations=cost - 1, long_factor=2)
    with pytest.raises(StudentError):
        trainer.train(model, PLAN, signs(trainer))
    assert trainer.train(model, replace(PLAN, long=True), signs(trainer)).runs
    assert trainer.train(model, replace(PLAN, samples=90), signs(trainer)).runs
