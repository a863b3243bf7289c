"""The quick lane leaves long trainings alone, unless their runs are known; a refusal needs no other lane."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.domain.errors import SlowJob, StudentError
from grader.domain.layers import Activation, Conv2D, Dense, Flatten
from grader.domain.model_spec import chain
from grader.domain.training import TrainingPlan
from grader.settings import BUILT_IN_ASSIGNMENTS
from workers.training.declaration import find_declarations
from workers.training.haste import LONGEST_SECONDS, HastyTrainer, seconds
from workers.training.run_folder import FolderCache
from workers.training.trainer import ProcessTrainer, TrainerLimits

pytestmark = pytest.mark.training

NETWORK = chain((32, 32, 3), Flatten(), Dense(5), Activation("softmax"))
PLAN = TrainingPlan("traffic-signs", 2, 32, "adam", "categorical_crossentropy", None, 0.2, (0,))


@pytest.fixture
def trainer(warm_process, data_of_all, tmp_path):
    known = find_declarations(BUILT_IN_ASSIGNMENTS)
    return ProcessTrainer(known, data_of_all, cache=FolderCache(tmp_path), process=warm_process)


def test_what_is_short_is_trained(trainer):
    hasty = HastyTrainer(trainer)
    data = hasty.dataset("traffic-signs")
    assert hasty.train(NETWORK, PLAN, data).runs == trainer.train(NETWORK, PLAN, data).runs
    assert hasty.versions == trainer.versions


def test_what_is_long_is_left_until_it_is_known(trainer):
    hasty, plan = HastyTrainer(trainer, longest_seconds=0.5), replace(PLAN, seeds=(7,))
    data = hasty.dataset("traffic-signs")
    with pytest.raises(SlowJob):
        hasty.train(NETWORK, plan, data)
    trained = trainer.train(NETWORK, plan, data)
    known = hasty.train(NETWORK, plan, data)
    assert (known.cached, known.runs) == (True, trained.runs)


def test_what_is_refused_is_refused_at_once(warm_process, data_of_all):
    known, limits = find_declarations(BUILT_IN_ASSIGNMENTS), TrainerLimits(operations=1000)
    hasty = HastyTrainer(
        ProcessTrainer(known, data_of_all, limits, process=warm_process), longest_seconds=0.0
    )
    with pytest.raises(StudentError, match="too_big"):
        hasty.train(NETWORK, PLAN, hasty.dataset("traffic-signs"))


def test_the_happy_house_is_long_and_a_quiz_and_four_points_are_short():
    happy = chain((64, 64, 3), Conv2D(filters=32, kernel_size=(7, 7), padding="same"), Flatten(), Dense(1))
    assert seconds(happy, replace(PLAN, epochs=40, batch_size=16), 600) > 30
    quiz = chain((32, 32, 3), Conv2D(filters=32, kernel_size=(3, 3)), Flatten(), Dense(128), Dense(5))
    assert seconds(quiz, replace(PLAN, epochs=3), 100) < 2
    points, plan = chain((2,), Dense(8), Dense(2)), replace(PLAN, epochs=150, seeds=(0, 1, 2))
    assert seconds(points, plan, 4) < LONGEST_SECONDS
