"""Kept runs for real: a hit is what a miss was, twins train once, and nobody waits for the dead.

`python -m tests.training.twice` does the whole of it: 200 random models, and every reference solution that trains.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from grader.domain.layers import Dense, Flatten
from grader.domain.model_spec import chain
from grader.domain.training import TrainingPlan
from grader.settings import BUILT_IN_ASSIGNMENTS
from tests.training.twice import compare_models, compare_references
from workers.training.declaration import find_declarations
from workers.training.run_folder import FolderCache
from workers.training.trainer import ProcessTrainer

pytestmark = pytest.mark.training

ROOT = Path(__file__).resolve().parents[2]
PLAN = TrainingPlan(
    "traffic-signs", 1, 32, "sgd", "categorical_crossentropy", samples=64, seeds=(0, 1), threshold=0.5
)
MODEL = chain((32, 32, 3), Flatten(), Dense(5, activation="softmax"))
LONG = "80"
"""Epochs that take a second, for a kill to come in time."""


def test_random_models(tmp_path):
    assert list(compare_models(4, tmp_path)) == []


@pytest.mark.sandbox
def test_reference_solutions(tmp_path):
    assert list(compare_references(["traffic-dense"], tmp_path)) == []


@pytest.fixture
def trainer(warm_process, tmp_path):
    return make_trainer(tmp_path, warm_process)


def make_trainer(folder, process=None):
    known = find_declarations(BUILT_IN_ASSIGNMENTS)
    return ProcessTrainer(known, folder, cache=FolderCache(folder / "cache" / "runs"), process=process)


def train(trainer, model=MODEL, plan=PLAN):
    return trainer.train(model, plan, trainer.dataset("traffic-signs"))


def test_only_what_is_missing_or_damaged_is_trained_and_what_only_judges_is_this_plans_own(trainer, tmp_path):
    first = train(trainer)
    again = train(trainer, plan=replace(PLAN, threshold=0.9))
    assert (first.cached, again.cached, again.threshold) == (False, True, 0.9)
    assert (again.runs, again.seconds) == (first.runs, first.seconds)
    more = train(trainer, plan=replace(PLAN, seeds=(0, 1, 2)))
    assert (more.cached, more.runs[:2]) == (False, first.runs)
    for entry in (tmp_path / "cache" / "runs").glob("*.json"):
        entry.write_bytes(entry.read_bytes()[:-9])
    mended = train(trainer)
    assert (mended.cached, mended.runs) == (False, first.runs)
    assert train(trainer).cached


def test_a_hit_needs_no_trainer(trainer, tmp_path):
    first = train(trainer)
    another = make_trainer(tmp_path)
    assert train(another).runs == first.runs
    assert another._process._process is None


class Twin:
    """A process that runs `twin.py`."""

    def __init__(self, *words):
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "training" / "twin.py"), *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def begin(self):
        assert self.process.stdout.readline() == "ready\n"
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def run(self):
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def twins(tmp_path):
    """Two workers that share a data folder."""
    pair = [Twin(str(tmp_path), LONG) for _ in range(2)]
    yield pair
    for twin in pair:
        twin.close()


def test_twins_that_arrive_together_train_once(twins):
    for twin in twins:
        twin.begin()
    runs = [twin.run() for twin in twins]
    assert sorted(run.pop("cached") for run in runs) == [False, True]
    assert runs[0] == runs[1]


def test_a_trainer_that_was_killed_is_not_waited_for(twins, tmp_path, until_exists):
    dying, waiting = twins
    dying.begin()
    until_exists(tmp_path / "cache" / "runs", "*.lock")
    dying.process.send_signal(signal.SIGSTOP)  # or it is done before its end comes
    waiting.begin()
    dying.process.kill()
    assert waiting.run()["cached"] is False
    dying.close()
    assert not list((tmp_path / "cache" / "runs").glob("*.lock"))


@pytest.fixture
def until_exists():
    """Wait until a folder holds a file of that pattern."""
    import time

    def wait(folder, pattern):
        until = time.monotonic() + 60
        while not list(folder.glob(pattern)):
            assert time.monotonic() < until
            time.sleep(0.02)

    return wait
