"""Which kept runs are trained again, and what counts then. The training itself is made up; tests/training has real ones."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from grader.domain.errors import SlowJob, TrainerFault
from grader.domain.layers import Dense, Flatten
from grader.domain.model_spec import ModelSpec, chain
from grader.domain.training import SeededRun, TrainingPlan, TrainingRun
from grader.settings import BUILT_IN_ASSIGNMENTS, load_settings
from workers.pipeline import open_rechecks
from workers.training import run_cache
from workers.training.datasets import Dataset
from workers.training.declaration import find_declarations
from workers.training.haste import HastyTrainer
from workers.training.job import TrainingJob
from workers.training.run_cache import KeptRun
from workers.training.run_folder import FolderCache
from workers.training.run_key import run_key
from workers.training.run_rechecked import Rechecks
from workers.training.run_signed import SignedCache
from workers.training.trainer import ProcessTrainer

SECRET = "k" * 40
MODEL = chain((32, 32, 3), Flatten(), Dense(5, activation="softmax"))
PLAN = TrainingPlan(
    "traffic-signs", 2, 32, "sgd", "categorical_crossentropy", samples=64, seeds=(3,), evaluate_test=True
)
TRUE = SeededRun(3, 2, {"loss": (1.5, 1.0), "accuracy": (0.25, 0.5)}, 0.5)
LIE = replace(TRUE, test_accuracy=1.0)


class MadeUp(ProcessTrainer):
    """Gives every training the same curves, and says how many there were; `fault` in their place."""

    trained = 0
    fault: Exception | None = None

    def _trained(self, jobs: Sequence[TrainingJob], dataset: Dataset, params: int) -> dict[int, KeptRun]:
        if jobs and self.fault:
            raise self.fault
        self.trained += len(jobs)
        return {job.seed: KeptRun(replace(TRUE, seed=job.seed), 2.0) for job in jobs}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def cache(tmp_path: Path) -> SignedCache:
    return SignedCache(FolderCache(tmp_path), [SECRET])


@pytest.fixture
def trainer(cache: SignedCache, data_dir: Path) -> MadeUp:
    """For a submission whose every kept run is trained again."""
    made = MadeUp(
        find_declarations(BUILT_IN_ASSIGNMENTS), data_dir, cache=cache, rechecks=Rechecks(1, SECRET)
    )
    made.rechecks.begin("01J")
    return made


def train(trainer: ProcessTrainer, plan: TrainingPlan = PLAN, model: ModelSpec = MODEL) -> TrainingRun:
    return trainer.train(model, plan, trainer.dataset("traffic-signs"))


def keep(trainer: ProcessTrainer, cache: SignedCache, run: SeededRun) -> str:
    """What another worker signed and put there; its key."""
    (job,) = trainer._jobs(MODEL, PLAN)
    key = run_key(job, trainer._load("traffic-signs", None))
    cache.put(key, run_cache.dump(key, KeptRun(run, 9.0)))
    return key


def test_one_in_some_by_submission_and_key() -> None:
    rechecks = Rechecks(10, SECRET)
    chosen = set()
    for number in range(3000):
        rechecks.begin(f"01J{number}")
        chosen |= {number} if rechecks.has("a" * 64) else set()
    assert 200 < len(chosen) < 400
    for other, key in ((Rechecks(10, "n" * 40), "a" * 64), (Rechecks(10, SECRET), "b" * 64)):
        found = set()
        for number in range(3000):
            other.begin(f"01J{number}")
            found |= {number} if other.has(key) else set()
        assert len(found & chosen) < len(chosen) / 2, "nobody knows them without the key, or by another run"


def test_all_workers_choose_alike() -> None:
    one, two = Rechecks(10, SECRET), Rechecks(10, SECRET)
    for number in range(100):
        one.begin(f"01J{number}")
        two.begin(f"01J{number}")
        assert one.has("a" * 64) == two.has("a" * 64)


@pytest.mark.parametrize("rechecks", [Rechecks(), Rechecks(0, SECRET), Rechecks(1, SECRET)])
def test_none_where_it_is_off_or_nobody_handed_in(rechecks: Rechecks) -> None:
    rechecks.begin("01J" if rechecks.one_in != 1 else "")
    assert not any(rechecks.has(f"{number:064}") for number in range(500))


def test_an_honest_run_comes_out_the_same(trainer: MadeUp, cache: SignedCache) -> None:
    key = keep(trainer, cache, TRUE)
    before = cache.get(key)
    told = train(trainer)
    assert (trainer.trained, told.runs, told.cached) == (1, (TRUE,), False)
    assert trainer.rechecks.differing == []
    assert cache.get(key) == before


def test_a_lie_that_is_signed_does_not_count_is_replaced_and_told(
    trainer: MadeUp, cache: SignedCache, caplog: pytest.LogCaptureFixture
) -> None:
    key = keep(trainer, cache, LIE)
    told = train(trainer)
    assert (told.runs, told.cached, told.seconds) == ((TRUE,), False, 2.0)
    assert trainer.rechecks.differing == [key]
    assert key in caplog.text
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    trainer.rechecks = Rechecks()
    again = train(trainer)
    assert (again.runs, again.cached, trainer.trained) == ((TRUE,), True, 1)


@pytest.mark.parametrize("lie", [LIE, replace(TRUE, history=TRUE.history | {"loss": (1.5, 0.999999999)})])
def test_accuracy_and_curves_are_compared(trainer: MadeUp, cache: SignedCache, lie: SeededRun) -> None:
    keep(trainer, cache, lie)
    assert train(trainer).runs == (TRUE,)
    assert len(trainer.rechecks.differing) == 1


def test_the_next_job_has_nothing_of_it(trainer: MadeUp, cache: SignedCache) -> None:
    keep(trainer, cache, LIE)
    train(trainer)
    trainer.rechecks.begin("01K")
    assert trainer.rechecks.differing == []


@pytest.mark.parametrize("fault", [TrainerFault("no memory today"), OSError("the disk is full")])
def test_a_recheck_that_fails_is_no_fault(trainer: MadeUp, cache: SignedCache, fault: Exception) -> None:
    keep(trainer, cache, TRUE)
    trainer.fault = fault
    told = train(trainer)
    assert (told.runs, told.cached) == ((TRUE,), True)


def test_what_is_trained_now_is_not_trained_twice(trainer: MadeUp) -> None:
    assert train(trainer).runs == (TRUE,)
    assert trainer.trained == 1


def test_of_several_runs_each_is_chosen_for_itself(
    trainer: MadeUp, cache: SignedCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = replace(PLAN, seeds=(3, 4))
    data = trainer._load("traffic-signs", None)
    keys = {job.seed: run_key(job, data) for job in trainer._jobs(MODEL, plan)}
    for seed, key in keys.items():
        cache.put(key, run_cache.dump(key, KeptRun(replace(LIE, seed=seed, test_accuracy=0.51), 9.0)))
    monkeypatch.setattr(trainer.rechecks, "has", lambda key: key == keys[4])
    told = train(trainer, plan)
    assert [run.test_accuracy for run in told.runs] == [0.51, 0.5]
    assert (told.cached, trainer.rechecks.differing) == (False, [keys[4]])


def test_the_quick_lane_leaves_a_long_one_to_the_slow_lane(trainer: MadeUp, cache: SignedCache) -> None:
    """Both choose alike, so it is not lost on the way; what is short is trained where it is, as a miss would be."""
    hasty, data = HastyTrainer(trainer, longest_seconds=0.0), trainer.dataset("traffic-signs")
    keep(trainer, cache, LIE)
    with pytest.raises(SlowJob):
        hasty.train(MODEL, PLAN, data)
    assert trainer.trained == 0
    assert train(trainer).runs == (TRUE,)
    keep(trainer, cache, LIE)
    assert HastyTrainer(trainer, longest_seconds=1e9).train(MODEL, PLAN, data).runs == (TRUE,)
    trainer.rechecks.begin("")
    assert hasty.train(MODEL, PLAN, data).cached


def test_only_what_others_write_is_trained_again(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(SECRET)
    redis = {"GRADER_BROKER_URL": "redis://127.0.0.1:1/0"}
    named = {"GRADER_RUN_CACHE_KEY_FILE": str(key)}

    def opened(**values: str) -> Rechecks:
        return open_rechecks(load_settings(values, data_dir=tmp_path))

    assert opened(**redis, **named) == Rechecks(200, SECRET)
    assert opened(**redis, **named, GRADER_RUN_CACHE_RECHECK="7").one_in == 7
    for folder_or_none in ({}, named, redis, redis | named | {"GRADER_RUN_CACHE": "off"}):
        assert opened(**folder_or_none) == Rechecks()
