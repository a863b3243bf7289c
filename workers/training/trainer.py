"""The trainer as the pipeline sees it: a limited process, and a scorer that alone holds the labels."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from grader import wire
from grader.domain.canonical import canonical
from grader.domain.errors import GraderFault, StudentError, TrainerFault
from grader.domain.model_spec import ModelSpec
from grader.domain.report import DatasetStamp
from grader.domain.training import ByAverages, FewerEpochs, SeededRun, TrainingPlan, TrainingRun
from workers.scratch import Scratch
from workers.training.budget import GIB, Data, affordable, refuse_too_large
from workers.training.canary import canary
from workers.training.datasets import Dataset, datasets_here, load_dataset
from workers.training.death import TrainerDied
from workers.training.died import explained
from workers.training.job import BY_AVERAGES, PREDICTIONS, TrainingJob, TrainingResult, dump_job
from workers.training.machine import machine
from workers.training.prepared import PreparedInputs
from workers.training.process import TrainerProcess
from workers.training.run_cache import KeptRun, NoCache, RunCache, dump, read
from workers.training.run_key import run_key
from workers.training.run_rechecked import Rechecks
from workers.training.score import test_accuracy

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainerLimits:
    """What a training may cost. `operations` are those of all its runs, counted beforehand in multiplications of a convolution.

    The dearest network that is let in takes a third of it a run, at doubled prices: some 400 seconds of a thread that does 16e9
    a second, within `cpu_seconds` for one half as fast. These are seconds in which the trainer computes, so that a machine which
    is stopped or has too much to do ends no training.

    A plan that is marked long may cost `long_factor` times as much.
    """

    operations: int = 40_000_000_000_000
    cpu_seconds: float = 900.0
    long_factor: int = 10
    address_space_gib: int = 16
    threads: int = 1


class ProcessTrainer:
    """Trains each run once, in a fork of one warm process. `declarations` maps data sets to their folders.

    Without a `process` of somebody else's it has one of its own, which starts with the first training.
    """

    def __init__(
        self,
        declarations: Mapping[str, Path],
        data_dir: Path,
        limits: TrainerLimits | None = None,
        cache: RunCache | None = None,
        process: TrainerProcess | None = None,
        rechecks: Rechecks | None = None,
    ) -> None:
        self.versions = {name: version(name) for name in ("keras", "tensorflow", "numpy")} | machine()
        self._declarations = declarations
        self._data_dir = data_dir
        self._limits = limits or TrainerLimits()
        self._cache = cache or NoCache()
        self.rechecks = rechecks or Rechecks()
        self._process = process or TrainerProcess(self._limits.address_space_gib)
        self._prepared = PreparedInputs(data_dir / "cache")
        self._loaded: dict[tuple[str, str | None, int | None], Dataset] = {}

    def dataset(self, name: str, sha256: str | None = None) -> DatasetStamp:
        """The data of that hash, or else the real where it is here; DataUnavailable when missing or damaged."""
        return self._load(name, sha256).stamp

    def datasets(self, name: str) -> list[DatasetStamp]:
        """All data of that name that is here, the real before the synthetic; DataUnavailable as `dataset`."""
        here = datasets_here(name, declarations=self._declarations, data_dir=self._data_dir)
        return [each.stamp for each in here]

    def train(self, model: ModelSpec, plan: TrainingPlan, data: DatasetStamp) -> TrainingRun:
        """Train and measure with as many seeds of the plan as decide; StudentError `too_big` before any weight exists."""
        dataset = self._load(data.name, data.sha256)
        asked = plan.on(len(dataset.train_x))
        plan = self._affordable(model, asked, dataset)
        jobs = self._jobs(model, plan)
        found: list[tuple[KeptRun, bool]] = []
        while more := jobs[len(found) :][: plan.least_more([kept.run for kept, _ in found])]:
            found += self._recalled_or_trained(more, dataset, model.params)
        return TrainingRun(
            runs=tuple(kept.run for kept, _ in found),
            cached=all(recalled for _, recalled in found),
            seconds=round(sum(kept.seconds for kept, _ in found), 3),
            threshold=plan.threshold,
            borderline=plan.is_close(found[0][0].run.accuracy),
            fell_short=plan.falls_short(found[0][0].run),
            fewer_epochs=FewerEpochs(plan.epochs, asked.epochs) if plan.epochs < asked.epochs else None,
        )

    def sample(
        self, model: ModelSpec, plan: TrainingPlan, data: DatasetStamp, seeds: Sequence[int]
    ) -> list[SeededRun]:
        """The runs that `train` would give for these seeds, made in one process, in the order of the seeds."""
        dataset = self._load(data.name, data.sha256)
        plan = self._affordable(model, plan.on(len(dataset.train_x)), dataset)
        plan = replace(plan, borderline=None, seeds=tuple(seeds))
        found = self._recalled_or_trained(self._jobs(model, plan), dataset, model.params)
        return [kept.run for kept, _ in found]

    def rows(self, data: DatasetStamp) -> int:
        """How many rows its training part has."""
        return len(self._load(data.name, data.sha256).train_x)

    def knows(self, model: ModelSpec, plan: TrainingPlan, data: DatasetStamp) -> bool:
        """Whether `train` would take no time: every run is kept and believed, or the model is refused before any run."""
        dataset = self._load(data.name, data.sha256)
        try:
            plan = self._affordable(model, plan.on(len(dataset.train_x)), dataset)
        except StudentError:
            return True
        jobs = self._jobs(model, plan)
        runs: list[SeededRun] = []
        while more := jobs[len(runs) :][: plan.least_more(runs)]:
            keys = {job.seed: run_key(job, dataset) for job in more}
            kept = self._known(more, keys)
            if len(kept) < len(more) or any(map(self.rechecks.has, keys.values())):
                return False
            runs += [kept[job.seed].run for job in more]
        return True

    def canary(self) -> str:
        """The hash of what a small training gives that is the same for all workers; TrainerFault when it fails."""
        return canary(self._process, self._limits.threads)

    def warm(self) -> None:
        """Begin to import TensorFlow, for the first job to find it imported; returns at once."""
        self._process.warm()

    def close(self) -> None:
        """End the trainer process."""
        self._process.close()

    def _affordable(self, model: ModelSpec, plan: TrainingPlan, dataset: Dataset) -> TrainingPlan:
        """The plan, with fewer epochs for a large network; StudentError `too_big` for what costs too much."""
        factor = self._limits.long_factor if plan.long else 1
        fitting = affordable(model, plan, len(dataset.train_x), factor * self._limits.operations)
        refuse_too_large(model, plan, _data(dataset), self._limits.address_space_gib * GIB)
        return fitting

    def _jobs(self, model: ModelSpec, plan: TrainingPlan) -> list[TrainingJob]:
        """One for each seed that may be needed; where the inputs lie is said when one is trained."""
        form = canonical(model)
        return [
            TrainingJob(form, plan, seed, self._limits.threads, inputs="")
            for seed in plan.seeds[: plan.most_runs]
        ]

    def _load(self, name: str, sha256: str | None) -> Dataset:
        """Read once, and again when something was imported while this worker ran."""
        manifest = self._data_dir / "datasets" / name / "manifest.json"
        imported_at = manifest.stat().st_mtime_ns if manifest.exists() else None
        known = self._loaded.get((name, sha256, imported_at))
        if known is None:
            known = load_dataset(name, sha256, declarations=self._declarations, data_dir=self._data_dir)
            self._loaded[name, sha256, imported_at] = self._loaded[name, known.sha256, imported_at] = known
        return known

    def _recalled_or_trained(
        self, jobs: Sequence[TrainingJob], dataset: Dataset, params: int
    ) -> list[tuple[KeptRun, bool]]:
        """The run of each job, which differ in their seeds alone, and whether it was trained before, and not now again.

        Of twins that come together, one trains and the other waits, for as long as training takes on a core of one's own: whoever
        has not ended by then has a slower machine, or stands still.
        """
        keys = {job.seed: run_key(job, dataset) for job in jobs}
        known = self._known(jobs, keys)
        recalled = set(known)
        wanted = [job for job in jobs if job.seed not in known]
        if wanted:
            with self._cache.alone(keys[wanted[0].seed], self._cpu_seconds(wanted)):
                known |= self._known(wanted, keys)
                recalled = set(known)
                trained = self._trained([job for job in wanted if job.seed not in known], dataset, params)
                for seed, kept in trained.items():
                    self._cache.put(keys[seed], dump(keys[seed], kept))
                known |= trained
        again = [job for job in jobs if job.seed in recalled and self.rechecks.has(keys[job.seed])]
        fresh = self._trained_again(again, known, keys, dataset, params)
        return [
            (fresh.get(job.seed, known[job.seed]), job.seed in recalled and job.seed not in fresh)
            for job in jobs
        ]

    def _trained_again(
        self,
        jobs: Sequence[TrainingJob],
        known: Mapping[int, KeptRun],
        keys: Mapping[int, str],
        dataset: Dataset,
        params: int,
    ) -> dict[int, KeptRun]:
        """By seed, what kept runs are when they are trained again: it counts, and takes the place of what is other.

        Nothing where that fails: what would have been a hit is no fault.
        """
        try:
            trained = self._trained(jobs, dataset, params)
        except (GraderFault, OSError) as error:
            log.warning("kept runs count, they could not be trained again: %s", error)
            return {}
        for seed, fresh in trained.items():
            key = keys[seed]
            if self.rechecks.differ(key, known[seed].run, fresh.run):
                self._cache.put(key, dump(key, fresh))
        return trained

    def _known(self, jobs: Sequence[TrainingJob], keys: Mapping[int, str]) -> dict[int, KeptRun]:
        """By seed, the runs that were trained before."""
        kept = {job.seed: self._recalled(keys[job.seed], job) for job in jobs}
        return {seed: run for seed, run in kept.items() if run is not None}

    def _recalled(self, key: str, job: TrainingJob) -> KeptRun | None:
        entry = self._cache.get(key)
        return None if entry is None else read(entry, key, job.plan, job.seed)

    def _trained(self, jobs: Sequence[TrainingJob], dataset: Dataset, params: int) -> dict[int, KeptRun]:
        """By seed, the runs of these jobs, all made in one fork; the seconds are what one took on average."""
        if not jobs:
            return {}
        start = time.monotonic()
        with Scratch("train") as folder:
            inputs = str(self._prepared.folder(dataset, folder))
            runs = self._run([replace(job, inputs=inputs) for job in jobs], dataset, params, folder)
        seconds = round((time.monotonic() - start) / len(runs), 3)
        return {run.seed: KeptRun(run, seconds) for run in runs}

    def _run(
        self, jobs: Sequence[TrainingJob], dataset: Dataset, params: int, folder: Path
    ) -> list[SeededRun]:
        seeds = tuple(job.seed for job in jobs)
        together = replace(jobs[0], more_seeds=seeds[1:])
        (folder / "job.json").write_text(json.dumps(dump_job(together)), "utf-8")
        labels = dataset.train_y[: together.plan.samples_of(len(dataset.train_y))]
        np.save(folder / "train_y.npy", dataset.encoded(labels, together.plan.loss))
        try:
            self._process.run(folder, self._cpu_seconds(jobs))
        except TrainerDied as error:
            if not error.about_model:
                raise
            raise TrainerDied(explained(error.death, together, self._data_dir / "cache" / "died")) from error
        folders = [folder, *(folder / f"seed-{seed}" for seed in seeds[1:])]
        return [
            _result(seed, each, together.plan, dataset, params)
            for seed, each in zip(seeds, folders, strict=True)
        ]

    def _cpu_seconds(self, jobs: Sequence[TrainingJob]) -> float:
        factor = self._limits.long_factor if jobs[0].plan.long else 1
        return len(jobs) * factor * self._limits.cpu_seconds


def _result(seed: int, folder: Path, plan: TrainingPlan, dataset: Dataset, params: int) -> SeededRun:
    """What the process left in a folder; TrainerFault where it built another model than was meant."""
    result = wire.loads(TrainingResult, (folder / "result.json").read_bytes())
    if result.params != params:
        detail = f"Keras counts {result.params} parameters where we count {params}"
        raise TrainerFault(detail)
    accuracy = by_averages = None
    if plan.evaluate_test:
        accuracy = _scored(folder / PREDICTIONS, dataset)
        if (folder / BY_AVERAGES).exists():
            by_averages = ByAverages(_scored(folder / BY_AVERAGES, dataset), result.steps)
    return SeededRun(seed, len(result.history["loss"]), result.history, accuracy, by_averages)


def _scored(path: Path, dataset: Dataset) -> float:
    return test_accuracy(np.load(path, allow_pickle=False), dataset)


def _data(dataset: Dataset) -> Data:
    rows = len(dataset.train_x)
    return Data(rows, len(dataset.test_x), dataset.train_x.size // max(rows, 1))
