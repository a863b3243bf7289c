"""What training is asked for, and what the trainer measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class TrainingPlan:
    """How a model is trained: `optimizer` and `loss` are Keras names, `learning_rate` None means Keras's default."""

    dataset: str
    epochs: int
    batch_size: int
    optimizer: str
    loss: str
    learning_rate: float | None = None
    validation_split: float = 0.0
    seeds: tuple[int, ...] = (0,)
    evaluate_test: bool = False


@dataclass(frozen=True)
class TrainingChoice:
    """What a student may choose in a literal `TRAINING`; None leaves the plan's own value."""

    optimizer: str | None = None
    batch_size: int | None = None
    epochs: int | None = None

    def applied_to(self, plan: TrainingPlan) -> TrainingPlan:
        """The plan with what the student chose in its place."""
        return replace(plan, **{name: value for name, value in vars(self).items() if value is not None})


@dataclass(frozen=True)
class SeededRun:
    """One training: a curve per metric, one number per epoch, None where it was not finite.

    `test_accuracy` is in [0, 1] where a test was made.
    """

    seed: int
    epochs: int
    history: Mapping[str, tuple[float | None, ...]]
    test_accuracy: float | None = None


@dataclass(frozen=True)
class TrainingRun:
    """All runs of one model under one plan; checks look at this value."""

    runs: tuple[SeededRun, ...]
    cached: bool = False
    seconds: float = 0.0

    def final(self, metric: str) -> float:
        """The median over runs of `metric` in the last epoch; a number that was not finite counts as 0."""
        return _median([run.history[metric][-1] or 0.0 for run in self.runs])

    @property
    def test_accuracy(self) -> float | None:
        """The median accuracy on the held-out test, in [0, 1]; None where no test was made."""
        measured = [run.test_accuracy for run in self.runs if run.test_accuracy is not None]
        return _median(measured) if measured else None


def _median(values: list[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
