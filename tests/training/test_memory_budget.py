"""The budget of memory for real: what it lets in fits, and how a trainer that dies all the same is told of."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace

import pytest

from grader.domain.errors import StudentError, TrainerFault
from grader.domain.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    GlobalMaxPooling2D,
    GroupNormalization,
    LayerNormalization,
    SeparableConv2D,
    UpSampling2D,
)
from grader.domain.model_spec import chain
from grader.domain.training import TrainingPlan
from grader.settings import BUILT_IN_ASSIGNMENTS
from workers.training import trainer as module
from workers.training.budget import GIB, memory
from workers.training.declaration import find_declarations
from workers.training.trainer import ProcessTrainer, TrainerLimits

pytestmark = pytest.mark.training

LIMIT = 6
SHAPE = (32, 32, 3)
PLAN = TrainingPlan(
    "traffic-signs", 1, 64, "adam", "categorical_crossentropy", None, 0.0, (0,), samples=128,
    optimizer_options={"amsgrad": True},
)  # fmt: skip
END = (GlobalMaxPooling2D(), Dense(5, activation="softmax"))
WIDE = Conv2D(filters=48, kernel_size=(1, 1))


@pytest.fixture(scope="module")
def trainer(data_of_all):
    limits = TrainerLimits(address_space_gib=LIMIT)
    trainer = ProcessTrainer(find_declarations(BUILT_IN_ASSIGNMENTS), data_of_all, limits)
    yield trainer
    trainer.close()


@pytest.mark.parametrize(
    ("layers", "batch"),
    [
        ((Flatten(), Dense(5000), Dense(800), Dense(5, activation="softmax")), 64),
        ((WIDE, *(BatchNormalization(), Activation("relu")) * 5, *END), 64),
        ((WIDE, *(GroupNormalization(groups=4), LayerNormalization()) * 5, *END), 64),
        ((WIDE, *(Activation("gelu"), Activation("mish")) * 5, *END), 64),
        ((SeparableConv2D(filters=16, kernel_size=(3, 3), depth_multiplier=64), *END), 128),
        ((UpSampling2D(size=(8, 8)), *END), 64),
        ((Conv2D(filters=60, kernel_size=(3, 3), groups=3), *END), 128),
    ],
    ids=["weights", "batch normal", "group normal", "gelu", "separable", "upsampling", "groups"],
)
def test_what_is_let_in_fits(trainer, layers, batch):
    """The limit is an address space that the trainer cannot leave; each of these is counted within a third of it."""
    model, plan = chain(SHAPE, *layers), replace(PLAN, batch_size=batch)
    data = trainer.dataset("traffic-signs")
    assert 4 * GIB < memory(model, plan, module._data(trainer._load(data.name, data.sha256))) < LIMIT * GIB
    assert trainer.train(model, plan, data).runs


def test_what_is_not_let_in_would_not_fit(trainer, monkeypatch):
    """Refused by its layer's name; with the budget out of the way, the trainer dies of it, and staff read why."""
    model = chain(SHAPE, Conv2D(filters=2000, kernel_size=(1, 1)), Activation("gelu"), *END)
    plan, data = replace(PLAN, batch_size=128), trainer.dataset("traffic-signs")
    with pytest.raises(StudentError) as caught:
        trainer.train(model, plan, data)
    assert caught.value.messages[0].code == "too_much_memory"
    monkeypatch.setattr(module, "refuse_too_large", lambda *_: None)
    with pytest.raises(TrainerFault, match="memory; about the model"):
        trainer.train(model, plan, data)


class Killer(threading.Thread):
    """Ends the trainer's process a second into each of the next jobs, so many times."""

    def __init__(self, trainer, times):
        super().__init__(daemon=True)
        self._trainer, self.left, self.over = trainer, times, threading.Event()
        self.start()

    def run(self):
        seen = set()
        while self.left and not self.over.wait(0.05):
            process = self._trainer._process._process
            if process is not None and process.runs and process.pid not in seen:
                self.over.wait(1.0)
                seen.add(process.pid)
                os.kill(process.pid, signal.SIGKILL)
                self.left -= 1


@pytest.mark.parametrize(("times", "epochs"), [(1, 200), (2, 2000)])
def test_a_trainer_that_was_killed_is_ours_once_more_in_a_fresh_one_and_the_next_run_works(
    trainer, times, epochs
):
    model = chain(SHAPE, Conv2D(filters=32, kernel_size=(3, 3)), *END)
    data = trainer.dataset("traffic-signs")
    trainer.close()
    killer = Killer(trainer, times)
    plan = replace(PLAN, epochs=epochs)
    if times == 1:
        assert trainer.train(model, plan, data).runs
    else:
        with pytest.raises(TrainerFault, match=r"SIGKILL \(killed; ours\)"):
            trainer.train(model, plan, data)
    killer.over.set()
    killer.join(20)
    assert killer.left == 0
    assert trainer.train(model, PLAN, data).runs
