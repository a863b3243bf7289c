"""The warm trainer: it imports early, is replaced before it is worn out, and does not grow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.domain.layers import Dense, Flatten
from grader.domain.model_spec import chain
from grader.domain.training import TrainingPlan
from grader.settings import BUILT_IN_ASSIGNMENTS
from workers.training.declaration import find_declarations
from workers.training.process import MIB, TrainerProcess
from workers.training.trainer import ProcessTrainer

pytestmark = pytest.mark.training

PLAN = TrainingPlan("traffic-signs", 1, 32, "sgd", "categorical_crossentropy", samples=64)
MODEL = chain((32, 32, 3), Flatten(), Dense(5, activation="softmax"))


@pytest.fixture
def own_trainer(data_of_all):
    """A trainer with a process of its own, which has not started."""
    trainer = ProcessTrainer(find_declarations(BUILT_IN_ASSIGNMENTS), data_of_all)
    yield trainer
    trainer.close()


def train(trainer):
    return trainer.train(MODEL, PLAN, trainer.dataset("traffic-signs")).runs


def test_it_imports_before_the_first_job_and_leaves_nothing_behind(own_trainer):
    own_trainer.warm()
    early = own_trainer._process._process
    assert not early.is_ready(0), "warming returns at once"
    assert early.is_ready(120)
    plan = replace(PLAN, validation_split=0.2)
    own_trainer.train(MODEL, plan, own_trainer.dataset("traffic-signs"))
    assert own_trainer._process._process is early
    home = early._home.path
    assert {path.name for path in home.iterdir()} <= {"keras.json"}, "temporary files of TensorFlow, say"
    own_trainer.close()
    assert not home.exists()


def test_it_imports_nothing_that_only_students_need(trainer):
    trainer.warm()
    process = trainer._process._process
    assert process.is_ready(120)
    mapped = Path("/proc", str(process.pid), "maps").read_text("utf-8")
    assert "/tensorflow/" in mapped
    assert [name for name in ("sklearn", "pandas", "matplotlib") if f"/{name}/" in mapped] == []


def test_a_worn_process_works_until_its_successor_is_warm_and_the_numbers_stay(own_trainer):
    own_trainer._process = TrainerProcess(16, most_runs=1)
    first, old = train(own_trainer), own_trainer._process._process
    successor = own_trainer._process._successor
    assert successor is not None
    assert successor.is_ready(120)
    assert old.alive
    assert train(own_trainer) == first
    assert (own_trainer._process._process, old.alive) == (successor, False)


def test_a_process_that_grows_is_worn_and_a_successor_that_dies_is_forgotten(own_trainer):
    own_trainer._process = TrainerProcess(16, most_growth=-1)
    train(own_trainer)
    old = own_trainer._process._process
    own_trainer._process._successor._process.kill()
    own_trainer._process._successor._process.wait()
    own_trainer._process._most_growth = MIB
    train(own_trainer)
    assert own_trainer._process._process is old
    assert own_trainer._process._successor is None


def test_it_does_not_grow(trainer):
    for _ in range(6):
        train(trainer)
    assert trainer._process._process.grown < 4 * MIB
