"""Which trainings the quick lane leaves to the slow one: those that would keep others waiting and are not known yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.domain.canonical import canonical
from grader.domain.errors import SlowJob
from grader.domain.model_spec import ModelSpec
from grader.domain.report import DatasetStamp
from grader.domain.training import TrainingPlan, TrainingRun
from workers.training.budget import an_epoch
from workers.training.normalized import renewing
from workers.training.trainer import ProcessTrainer

LONGEST_SECONDS = 5.0
"""Of a training in the quick lane, by the estimate below."""

_TO_BEGIN, _A_STEP, _AN_EPOCH = 0.7, 0.003, 0.002
_MULTIPLICATIONS = 60e9
"""What one thread of a two-core machine does in a second, as they are counted: at the dearest price of a kind, doubled. Rough:
a training that is estimated wrongly gets the same numbers in the other lane."""


@dataclass(frozen=True)
class HastyTrainer:
    """A trainer that gives long trainings up, unless all their runs are known."""

    trainer: ProcessTrainer
    longest_seconds: float = LONGEST_SECONDS

    @property
    def versions(self) -> Mapping[str, str]:
        """Versions of keras and tensorflow."""
        return self.trainer.versions

    def dataset(self, name: str, sha256: str | None = None) -> DatasetStamp:
        """As the trainer has it."""
        return self.trainer.dataset(name, sha256)

    def train(self, model: ModelSpec, plan: TrainingPlan, data: DatasetStamp) -> TrainingRun:
        """As the trainer does it; SlowJob for what would take long."""
        rows = self.trainer.rows(data)
        if seconds(model, plan, rows) > self.longest_seconds and not self.trainer.knows(model, plan, data):
            raise SlowJob
        return self.trainer.train(model, plan, data)


def seconds(model: ModelSpec, plan: TrainingPlan, rows: int) -> float:
    """About how long a training takes at most, on one thread, all runs of a borderline case included."""
    samples = plan.samples_of(rows)
    steps = -(-samples // plan.batch_size)
    epoch = _AN_EPOCH + steps * _A_STEP + an_epoch(model, plan, samples) / _MULTIPLICATIONS
    renewed = renewing(canonical(model)) * samples / _MULTIPLICATIONS if plan.evaluate_test else 0.0
    return plan.most_runs * (_TO_BEGIN + plan.epochs * epoch + renewed)
