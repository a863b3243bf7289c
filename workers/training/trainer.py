"""The trainer as the pipeline sees it: a limited process, and a scorer that alone holds the labels."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

from grader import wire
from grader.domain.assignment import Part
from grader.domain.canonical import canonical
from grader.domain.errors import Reason, StudentError, TrainerFault
from grader.domain.message import message
from grader.domain.model_spec import ModelSpec
from grader.domain.report import DatasetStamp
from grader.domain.training import SeededRun, TrainingChoice, TrainingPlan, TrainingRun
from workers.training.datasets import Dataset, load_dataset
from workers.training.job import TrainingJob, TrainingResult, dump_job
from workers.training.process import TrainerProcess
from workers.training.score import test_accuracy


@dataclass(frozen=True)
class TrainerLimits:
    """What one run may cost. `operations` are multiplications of the whole training, counted beforehand."""

    operations: int = 20_000_000_000_000
    wall_seconds: float = 900.0
    address_space_gib: int = 16
    threads: int = 2


class ProcessTrainer:
    """Trains every run in a fork of one warm process. `declarations` maps data sets to their folders."""

    def __init__(
        self, declarations: Mapping[str, Path], data_dir: Path, limits: TrainerLimits | None = None
    ) -> None:
        self.versions = {"keras": version("keras"), "tensorflow": version("tensorflow")}
        self._declarations = declarations
        self._data_dir = data_dir
        self._limits = limits or TrainerLimits()
        self._process = TrainerProcess(self._limits.address_space_gib)
        self._load = cache(self._load_dataset)

    def dataset(self, name: str) -> DatasetStamp:
        """Which data this trainer trains on; DataUnavailable when it is missing or damaged."""
        data = self._load(name)
        return DatasetStamp(data.name, data.origin.value, data.sha256)

    def train(self, model: ModelSpec, part: Part, choice: TrainingChoice) -> TrainingRun:
        """Train and measure once per seed of the plan; StudentError `too_big` before any weight exists."""
        if part.plan is None:
            detail = f"the part {part.name} has no training plan"
            raise TrainerFault(detail)
        plan = chosen(part.plan, choice)
        dataset = self._load(plan.dataset)
        refuse_too_long(model, plan, len(dataset.train_x), self._limits.operations)
        form = canonical(model)
        start = time.monotonic()
        jobs = [TrainingJob(form, plan, seed, self._limits.threads) for seed in plan.seeds]
        runs = tuple(self._run(job, dataset, model.params) for job in jobs)
        return TrainingRun(runs, seconds=round(time.monotonic() - start, 3))

    def close(self) -> None:
        """End the trainer process."""
        self._process.close()

    def _load_dataset(self, name: str) -> Dataset:
        return load_dataset(name, declarations=self._declarations, data_dir=self._data_dir)

    def _run(self, job: TrainingJob, dataset: Dataset, params: int) -> SeededRun:
        with tempfile.TemporaryDirectory(prefix="grader-train-") as scratch:
            folder = Path(scratch)
            (folder / "job.json").write_text(json.dumps(dump_job(job)), "utf-8")
            np.save(folder / "train_x.npy", dataset.scaled(dataset.train_x))
            np.save(folder / "train_y.npy", dataset.encoded(dataset.train_y))
            if job.plan.evaluate_test:
                np.save(folder / "test_x.npy", dataset.scaled(dataset.test_x))
            self._process.run(folder, self._limits.wall_seconds)
            result = wire.loads(TrainingResult, (folder / "result.json").read_bytes())
            if result.params != params:
                detail = f"Keras counts {result.params} parameters where we count {params}"
                raise TrainerFault(detail)
            accuracy = None
            if job.plan.evaluate_test:
                accuracy = test_accuracy(np.load(folder / "predictions.npy", allow_pickle=False), dataset)
        return SeededRun(job.seed, job.plan.epochs, result.history, accuracy)


def chosen(plan: TrainingPlan, choice: TrainingChoice) -> TrainingPlan:
    """The plan with what the student chose in its place."""
    given = {name: value for name, value in vars(choice).items() if value is not None}
    return replace(plan, **given)


def refuse_too_long(model: ModelSpec, plan: TrainingPlan, samples: int, limit: int) -> None:
    """StudentError `too_big` when the whole training costs more multiplications than `limit`.

    One step costs about three forward passes: forward, and backward to inputs and to weights.
    """
    operations = 3 * model.operations * samples * plan.epochs * len(plan.seeds)
    if operations > limit:
        costs = {
            model.layer_of(place).name: model.layers[node.layer].layer.operations(
                tuple(model.shapes[source] for source in node.inputs)
            )
            for place, node in enumerate(model.nodes)
        }
        heaviest = max(costs, key=lambda name: costs[name])
        told = message("too_long_training", operations=operations, limit=limit, layer=heaviest)
        raise StudentError(Reason.TOO_BIG, told)
