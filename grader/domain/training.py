"""What training is asked for, and what the trainer measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum

from grader.domain import compiled

OPTIMIZERS: Mapping[str, frozenset[str]] = {
    name: frozenset(compiled.OPTIMIZERS[name]) - {"learning_rate"}
    for name in ("adam", "adamw", "nadam", "adamax", "rmsprop", "sgd", "adadelta", "adagrad")
}
"""What a plan may train with, and the options of each beside `learning_rate`; the names are Keras's."""

LOSSES = (
    "categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy",
    "mean_squared_error", "mean_absolute_error",
)  # fmt: skip


DIGITS = 6
"""Of an accuracy, where it is compared with the ends of a band: 0.54 - 0.5 is a bit more than 0.04."""


LEARNT = 0.95
"""From this training accuracy on, a network knows what it was trained on: whatever it does on the test is no lack of learning."""


class PlanName(StrEnum):
    """The two plans of an assignment: the light one for a class, and the one that the document prints."""

    CLASS = "class"
    DOCUMENT = "document"


@dataclass(frozen=True)
class Stopping:
    """When a training ends before its last epoch, judged on the validation rows of the training part alone.

    It ends as soon as the validation accuracy is at least `accuracy` in [0, 1], or `patience` epochs brought no lower
    validation loss. The weights of the epoch with the lowest validation loss are the ones that count. With less than
    `rows` to validate on, nothing can be told from them: then all rows are trained on, to the last epoch.

    The epochs before `earliest`, counted from 1, are not judged, which costs no time; their curves hold None.
    """

    accuracy: float
    patience: int
    rows: int
    earliest: int = 1


@dataclass(frozen=True)
class Borderline:
    """When one training does not decide: an accuracy up to `below` under the threshold, or up to `above` over it.

    Then the next seeds of the plan are trained as well, up to `runs` in all (odd), and the median decides; so they are below the
    band where the training accuracy says that the network has learnt (`LEARNT`) and a test was made. It ends as
    soon as most of them lie on one side of the threshold, since no further run could bring the median to the other.
    How wide the band must be is measured: see `grader calibrate`.
    """

    below: float
    above: float
    runs: int = 3


@dataclass(frozen=True)
class TrainingPlan:
    """How a model is trained: `optimizer` and `loss` are Keras names, `learning_rate` None means Keras's default.

    `samples` takes the first rows of the training part, all where it is None; of these the last `validation_samples`
    (or the share `validation_split`) are kept for validation. Where `from_logits`, the network's outputs are logits.
    `threshold` is the accuracy in [0, 1] that the checks ask for. A `long` plan may cost far more than others.

    All `seeds` are trained and the median counts; where there is a `borderline`, the first alone unless it is too close
    to the threshold. `margin` is how far above the threshold `grader verify` wants the accepted solutions.
    """

    dataset: str
    epochs: int
    batch_size: int
    optimizer: str
    loss: str
    learning_rate: float | None = None
    validation_split: float = 0.0
    seeds: tuple[int, ...] = (0,)
    evaluate_test: bool = False
    threshold: float | None = None
    samples: int | None = None
    validation_samples: int = 0
    optimizer_options: Mapping[str, float | bool] = field(default_factory=dict)
    from_logits: bool = False
    long: bool = False
    stopping: Stopping | None = None
    borderline: Borderline | None = None
    margin: float = 0.02

    @property
    def most_runs(self) -> int:
        """How many trainings a model may need."""
        return len(self.seeds) if self.borderline is None else self.borderline.runs

    def is_close(self, accuracy: float) -> bool:
        """Whether a first run of this accuracy does not decide alone."""
        if self.borderline is None or self.threshold is None:
            return False
        distance = round(accuracy - self.threshold, DIGITS)
        return -self.borderline.below < distance <= self.borderline.above

    def needs_others(self, run: SeededRun) -> bool:
        """Whether a first run does not decide alone: its accuracy is close, or it lies below the band though all was learnt."""
        return self.is_close(run.accuracy) or self.falls_short(run)

    def falls_short(self, run: SeededRun) -> bool:
        """Whether a network knows its training pictures and is below the band on those of the test."""
        if self.borderline is None or self.threshold is None or run.test_accuracy is None:
            return False
        training = run.history.get("accuracy", ())[-1:]
        is_below = run.test_accuracy <= self.threshold and not self.is_close(run.test_accuracy)
        return is_below and any((value or 0.0) >= LEARNT for value in training)

    def least_more(self, runs: Sequence[SeededRun]) -> int:
        """How many runs at least must follow these, the first of the plan's, before there is a verdict."""
        if self.borderline is None or self.threshold is None:
            return max(0, len(self.seeds) - len(runs))
        if not runs:
            return 1
        if not self.needs_others(runs[0]):
            return 0
        above = sum(run.accuracy > self.threshold for run in runs)
        most = max(above, len(runs) - above)
        return max(0, self.borderline.runs // 2 + 1 - most)

    def on(self, available: int) -> TrainingPlan:
        """This plan on a training part of so many rows: without stopping where they are too few to judge by."""
        judged_by = self.validation_of(self.samples_of(available))
        if self.stopping is None or judged_by >= self.stopping.rows:
            return self
        return replace(self, stopping=None, validation_samples=0, validation_split=0.0)

    def validation_of(self, used: int) -> int:
        """How many rows of those used are kept for validation, the last ones; a share is cut as Keras cuts it."""
        return self.validation_samples or used - math.floor(used * (1 - self.validation_split))

    def samples_of(self, available: int) -> int:
        """How many rows of the training part are used, when so many are there."""
        return available if self.samples is None else min(self.samples, available)


@dataclass(frozen=True)
class FullTraining:
    """What the document's own plan has otherwise than the class plan; what is None stays.

    It uses all samples and trains to its last epoch.
    """

    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    samples: int | None = None
    validation_split: float | None = None
    validation_samples: int | None = None
    seeds: tuple[int, ...] | None = None
    threshold: float | None = None
    margin: float | None = None

    def applied_to(self, plan: TrainingPlan) -> TrainingPlan:
        """The whole plan, marked long."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        changed = {name: value for name, value in own.items() if value is not None}
        return replace(plan, **{**changed, "samples": self.samples, "long": True, "stopping": None})


@dataclass(frozen=True)
class TrainingChoice:
    """What a student may choose in a literal `TRAINING`; None leaves the plan's own value."""

    optimizer: str | None = None
    batch_size: int | None = None
    epochs: int | None = None

    def applied_to(self, plan: TrainingPlan) -> TrainingPlan:
        """The plan with what the student chose in its place; options belong to the optimizer that they name."""
        chosen = {name: value for name, value in vars(self).items() if value is not None}
        if self.optimizer not in (None, plan.optimizer):
            chosen["optimizer_options"] = {}
        return replace(plan, **chosen)


@dataclass(frozen=True)
class ByAverages:
    """What a network says of the test by Keras's own moving averages of BatchNormalization, after so many steps.

    They are what a student's own `evaluate` goes by; what counts is measured with statistics renewed after the training.
    """

    test_accuracy: float
    steps: int


@dataclass(frozen=True)
class SeededRun:
    """One training: a curve per metric, one number per epoch, None where it was not finite or nothing was judged.

    `epochs` were trained, fewer than planned where the plan stops early. `test_accuracy` is in [0, 1] where a test was made,
    and `by_averages` beside it where the network has a BatchNormalization that learns.
    """

    seed: int
    epochs: int
    history: Mapping[str, tuple[float | None, ...]]
    test_accuracy: float | None = None
    by_averages: ByAverages | None = None

    @property
    def accuracy(self) -> float:
        """What this run counts for: the accuracy on the test where one was made, else the last epoch's on the training.

        What is not a number counts as 0.
        """
        if self.test_accuracy is not None:
            return self.test_accuracy
        return self.history["accuracy"][-1] or 0.0


@dataclass(frozen=True)
class FewerEpochs:
    """How many epochs a large network may be trained for, by counted operations, of how many its plan has."""

    epochs: int
    planned: int


@dataclass(frozen=True)
class TrainingRun:
    """All runs of one model under one plan; checks look at this value. `threshold` is the plan's.

    Others were made after the first run when it was too close to the threshold to decide alone (`borderline`), or knew its
    training pictures and was below it (`fell_short`). `fewer_epochs` where not all that the plan has could be afforded.
    `cached` when every run was trained for an earlier submission; `seconds` is what the training took, then or now.
    A student is told neither (None, 0).
    """

    runs: tuple[SeededRun, ...]
    cached: bool | None = False
    seconds: float = 0.0
    threshold: float | None = None
    borderline: bool = False
    fewer_epochs: FewerEpochs | None = None
    fell_short: bool = False

    @property
    def agree(self) -> bool:
        """Whether every run alone would have given the verdict that their median gives."""
        threshold = self.threshold or 0.0
        return len({run.accuracy > threshold for run in self.runs}) == 1

    @property
    def accuracy(self) -> float:
        """The number that decides, in [0, 1]: the median over runs of what each counts for."""
        return _median([run.accuracy for run in self.runs])

    def final(self, metric: str) -> float:
        """The median over runs of `metric` in the last epoch; a number that was not finite counts as 0."""
        return _median([run.history[metric][-1] or 0.0 for run in self.runs])

    @property
    def test_accuracy(self) -> float | None:
        """The median accuracy on the held-out test, in [0, 1]; None where no test was made."""
        measured = [run.test_accuracy for run in self.runs if run.test_accuracy is not None]
        return _median(measured) if measured else None

    @property
    def by_averages(self) -> ByAverages | None:
        """The median of what the runs give by Keras's moving averages, and the most steps; None where that is nothing else."""
        told = [run.by_averages for run in self.runs if run.by_averages is not None]
        if not told:
            return None
        return ByAverages(_median([each.test_accuracy for each in told]), max(each.steps for each in told))


def _median(values: list[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
