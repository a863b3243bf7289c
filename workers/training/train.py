"""Trains one canonical form: seeded, deterministic, without any student code."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from grader import wire
from grader.domain.training import TrainingPlan
from workers.training.build import build, build_steps
from workers.training.fitting import Fitting
from workers.training.job import BY_AVERAGES, PREDICTIONS, TrainingJob, TrainingResult, load_job
from workers.training.renewal import Renewal
from workers.training.stopping import StopWhenLearnt
from workers.training.validation import Validation

OPTIMIZERS = {
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "nadam": keras.optimizers.Nadam,
    "rmsprop": keras.optimizers.RMSprop,
    "sgd": keras.optimizers.SGD,
    "adadelta": keras.optimizers.Adadelta,
    "adagrad": keras.optimizers.Adagrad,
    "adamax": keras.optimizers.Adamax,
}

LOSSES_OF_LOGITS = {
    "categorical_crossentropy": keras.losses.CategoricalCrossentropy,
    "sparse_categorical_crossentropy": keras.losses.SparseCategoricalCrossentropy,
}


def run(folder: Path) -> None:
    """Do the job in `folder` and write its result there."""
    job = load_job(wire.parse((folder / "job.json").read_bytes()))
    _make_deterministic(job)
    built = build_steps(job.form, job.seed)
    model = built.model
    model.compile(optimizer=_optimizer(job.plan), loss=_loss(job.plan), metrics=["accuracy"])
    y = np.load(folder / "train_y.npy", allow_pickle=False)
    x = _inputs(job, "train_x", model)[: len(y)]
    kept = job.plan.validation_of(len(x))
    earliest = job.plan.stopping.earliest if job.plan.stopping else 1
    judged = [Validation(x[-kept:], y[-kept:], job.plan.batch_size, earliest)] if kept else []
    trained_on = x[: len(x) - kept]
    fitting = Fitting(model, trained_on, y[: len(y) - kept], job.plan.batch_size)
    optimizer = [variable.numpy() for variable in model.optimizer.variables] if job.more_seeds else []
    training = _Training(
        model, fitting, judged, Renewal(built, job.form, trained_on, job.plan.batch_size), job
    )
    training.fit(folder)
    for seed in job.more_seeds:
        _begin_again(model, optimizer, job, seed)
        own = folder / f"seed-{seed}"
        own.mkdir()
        training.fit(own)


def _begin_again(model: keras.Model, optimizer: list[np.ndarray], job: TrainingJob, seed: int) -> None:
    """Make the model what `build` gives for another seed, without tracing its steps again: the same numbers, bit for bit."""
    keras.utils.set_random_seed(seed)
    fresh = build(job.form, seed)
    for own, new in zip(model.variables, fresh.variables, strict=True):
        own.assign(new)
    for variable, value in zip(model.optimizer.variables, optimizer, strict=True):
        variable.assign(value)


@dataclass(frozen=True)
class _Training:
    """All that is traced once for all seeds."""

    model: keras.Model
    fitting: Fitting
    judged: list[Validation]
    renewal: Renewal
    job: TrainingJob

    def fit(self, folder: Path) -> None:
        """Train, predict, and write what came of it."""
        start = time.monotonic()
        plan = self.job.plan
        look = self._look if self.renewal.changes_anything else None
        stopping = [StopWhenLearnt(plan.stopping, plan.epochs, look)] if plan.stopping else []
        history = self.fitting.fit(plan.epochs, [*self.judged, *stopping])
        fit_seconds = time.monotonic() - start
        if plan.evaluate_test:
            self._predict(folder)
        curves = {name: _finite(curve) for name, curve in history.items()}
        epochs = stopping[0].best_epoch if stopping else len(history["loss"])
        result = TrainingResult(curves, self.model.count_params(), fit_seconds, epochs * self.fitting.steps)
        (folder / "result.json").write_bytes(wire.dumps(result))

    def _look(self) -> Mapping[str, float]:
        """At the validation rows, with the statistics that will count."""
        with self.renewal.for_a_look():
            return self.judged[0].judge()

    def _predict(self, folder: Path) -> None:
        """With statistics renewed; before that as Keras would by itself, where that is another thing."""
        x = _inputs(self.job, "test_x", self.model)
        if self.renewal.changes_anything:
            _save(folder / BY_AVERAGES, self.fitting.predict(x))
            self.renewal.renew()
        _save(folder / PREDICTIONS, self.fitting.predict(x))


def _save(path: Path, outputs: np.ndarray) -> None:
    np.save(path, np.asarray(outputs, np.float32), allow_pickle=False)


def _make_deterministic(job: TrainingJob) -> None:
    tf.config.threading.set_intra_op_parallelism_threads(job.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(job.seed)


def _inputs(job: TrainingJob, name: str, model: keras.Model) -> np.ndarray:
    """Prepared pictures in the shape that the model takes, where that holds as many numbers: (28, 28) as (784,)."""
    stored = np.asarray(np.load(Path(job.inputs) / f"{name}.npy", mmap_mode="r", allow_pickle=False))
    wanted = (len(stored), *model.inputs[0].shape[1:])
    return stored.reshape(wanted) if math.prod(wanted) == stored.size else stored


def _optimizer(plan: TrainingPlan) -> keras.optimizers.Optimizer:
    options: dict[str, Any] = dict(plan.optimizer_options)
    if plan.learning_rate is not None:
        options["learning_rate"] = plan.learning_rate
    return OPTIMIZERS[plan.optimizer](**options)


def _loss(plan: TrainingPlan) -> str | keras.losses.Loss:
    return LOSSES_OF_LOGITS[plan.loss](from_logits=True) if plan.from_logits else plan.loss


def _finite(curve: Iterable[float]) -> tuple[float | None, ...]:
    return tuple(float(value) if math.isfinite(value) else None for value in curve)
