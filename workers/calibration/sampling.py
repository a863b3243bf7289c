"""Trains one network with many seeds on several processes; what was trained is kept, so that an interruption costs little."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import numpy as np

from grader.domain.model_spec import ModelSpec
from grader.domain.report import DatasetStamp
from grader.domain.training import SeededRun, TrainingPlan
from workers.calibration.candidates import Candidate
from workers.calibration.verdicts import Sample, is_undecided
from workers.training.trainer import ProcessTrainer


@dataclass(frozen=True)
class Trained:
    """One network on one data set, what came of its seeds, in their order, and what none of them exceeds, if known."""

    candidate: Candidate
    data: DatasetStamp
    runs: Sequence[SeededRun] = ()
    ceiling: float | None = None

    @property
    def sample(self) -> Sample:
        """What each run counts for."""
        accuracies = np.array([run.accuracy for run in self.runs])
        return Sample(accuracies, self.candidate.is_right, self.ceiling)

    @property
    def is_undecided(self) -> bool:
        """Whether these runs are too few to say that a wrong verdict is rare, or that it is not."""
        return is_undecided(self.sample.wrong_verdict(self.candidate.plan))


class Sampler:
    """Trainers side by side, `jobs` or one for each core; `open_trainer` makes one."""

    def __init__(self, open_trainer: Callable[[], ProcessTrainer], jobs: int | None = None) -> None:
        self._open = open_trainer
        self._own = threading.local()
        self._all: list[ProcessTrainer] = []
        self._threads = ThreadPoolExecutor(jobs or os.cpu_count())

    def runs(
        self, model: ModelSpec, plan: TrainingPlan, data: DatasetStamp, seeds: range, together: int
    ) -> Iterator[SeededRun]:
        """A run for each seed, as they come, so many trained `together`. GraderFault for our own failure."""
        waiting = [
            self._threads.submit(self._sample, model, plan, data, seeds[first : first + together])
            for first in range(0, len(seeds), together)
        ]
        try:
            for done in as_completed(waiting):
                yield from done.result()
        finally:
            for each in waiting:
                each.cancel()

    def close(self) -> None:
        """End all trainers, once what they are at is done."""
        self._threads.shutdown(cancel_futures=True)
        for trainer in self._all:
            trainer.close()

    def _sample(
        self, model: ModelSpec, plan: TrainingPlan, data: DatasetStamp, seeds: range
    ) -> list[SeededRun]:
        if not hasattr(self._own, "trainer"):
            self._own.trainer = self._open()
            self._all.append(self._own.trainer)
        trainer: ProcessTrainer = self._own.trainer
        return trainer.sample(model, plan, data, seeds)
