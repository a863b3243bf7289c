"""The warm trainer: it imports early, is replaced before it is worn out, and does not grow."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from grader.domain.layers import Dense, Flatten
from grader.domain.model_spec import chain
from grader.domain.training import TrainingPlan
from grader.settings import BUILT_IN_ASSIGNMENTS
from workers.training.death import Cause, TrainerDied
from workers.training.declaration import find_declarations
from workers.training.process import MIB, TrainerProcess
from workers.training.trainer import ProcessTrainer, TrainerLimits

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
    assert not early.is_ready(), "warming returns at once"
    early.wait_until_ready()
    assert early.is_ready()
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
    process.wait_until_ready()
    mapped = Path("/proc", str(process.pid), "maps").read_text("utf-8")
    assert "/tensorflow/" in mapped
    assert [name for name in ("sklearn", "pandas", "matplotlib") if f"/{name}/" in mapped] == []


def test_a_worn_process_works_until_its_successor_is_warm_and_the_numbers_stay(own_trainer):
    own_trainer._process = TrainerProcess(16, most_runs=1)
    first, old = train(own_trainer), own_trainer._process._process
    successor = own_trainer._process._successor
    assert successor is not None
    successor.wait_until_ready()
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


def stop_at_work(pid: int) -> bool:
    """Stop a trainer and its child as soon as there is one."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    for _ in range(12_000):
        if children.read_text("ascii"):
            os.killpg(pid, signal.SIGSTOP)
            return True
        time.sleep(0.01)
    return False


@contextmanager
def stopping(trainer, seconds: float | None) -> Iterator[list[bool]]:
    """Stop the trainer's process group during its next job, for so long; for ever where `seconds` is None."""
    trainer.warm()
    process, stopped = trainer._process._process, []
    process.wait_until_ready()

    def act() -> None:
        stopped.append(stop_at_work(process.pid))
        if seconds is not None:
            time.sleep(seconds)
            os.killpg(process.pid, signal.SIGCONT)

    thread = threading.Thread(target=act)
    thread.start()
    try:
        yield stopped
    finally:
        thread.join()


def test_a_training_whose_machine_stops_for_longer_than_its_limit_goes_on(own_trainer):
    """Its limit counts the seconds in which it computes."""
    own_trainer._limits = TrainerLimits(cpu_seconds=8)
    first = train(own_trainer)
    before = own_trainer._process._process
    with stopping(own_trainer, 9) as stopped:
        assert train(own_trainer) == first
    assert stopped == [True]
    assert own_trainer._process._process is before


def test_a_trainer_that_stands_still_is_replaced_and_the_training_done_once_more(own_trainer, caplog):
    own_trainer._process = TrainerProcess(16, still_seconds=10)
    with stopping(own_trainer, None) as stopped:
        own_trainer.warm()
        before = own_trainer._process._process
        assert train(own_trainer)
    assert stopped == [True]
    assert not before.alive
    assert own_trainer._process._process is not before
    assert "the trainer stood still for 10 s (standstill; ours); once more" in caplog.text


def test_a_trainer_that_cannot_begin_is_ours(own_trainer):
    """It may take long where the machine has much to do; it may not stand still."""
    own_trainer._process = TrainerProcess(16, still_seconds=1)
    own_trainer.warm()
    process = own_trainer._process._process
    os.killpg(process.pid, signal.SIGSTOP)
    with pytest.raises(TrainerDied) as caught:
        process.wait_until_ready()
    assert (caught.value.death.cause, caught.value.about_model) == (Cause.STANDSTILL, False)
