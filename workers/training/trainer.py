"""The trainer as the pipeline sees it: a limited process for each run, and a scorer that alone holds the labels."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
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
from workers.training.score import test_accuracy

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class TrainerLimits:
    """What one run may cost. `operations` are multiplications of the whole training, counted beforehand."""

    operations: int = 20_000_000_000_000
    wall_seconds: float = 900.0
    address_space_gib: int = 16
    threads: int = 2


class ProcessTrainer:
    """Trains in a fresh process per run. `declarations` maps data sets to their folders."""

    def __init__(
        self, declarations: Mapping[str, Path], data_dir: Path, limits: TrainerLimits | None = None
    ) -> None:
        self.versions = {"keras": version("keras"), "tensorflow": version("tensorflow")}
        self._declarations = declarations
        self._data_dir = data_dir
        self._limits = limits or TrainerLimits()
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
            self._call(folder)
            result = wire.loads(TrainingResult, (folder / "result.json").read_bytes())
            if result.params != params:
                detail = f"Keras counts {result.params} parameters where we count {params}"
                raise TrainerFault(detail)
            accuracy = None
            if job.plan.evaluate_test:
                accuracy = test_accuracy(np.load(folder / "predictions.npy", allow_pickle=False), dataset)
        return SeededRun(job.seed, job.plan.epochs, result.history, accuracy)

    def _call(self, folder: Path) -> None:
        """Run the process; everything that goes wrong there is our fault, since no student code runs in it."""
        environment = {
            name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ
        }
        environment |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "HOME": str(folder)}
        try:
            done = subprocess.run(
                [sys.executable, "-m", "workers.training", str(folder)],
                cwd=Path(__file__).resolve().parents[2],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self._limits.wall_seconds,
                preexec_fn=self._limit,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            detail = f"the trainer outlived {self._limits.wall_seconds:g} s"
            raise TrainerFault(detail) from error
        if done.returncode != 0:
            detail = (
                f"the trainer ended with {done.returncode}: {done.stderr[-2000:].decode(errors='replace')}"
            )
            raise TrainerFault(detail)

    def _limit(self) -> None:
        """In the child, before it becomes the trainer: die with the worker, no core files, bounded memory."""
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        size = self._limits.address_space_gib * 1024**3
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


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
