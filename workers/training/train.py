"""Trains one canonical form: seeded, deterministic, without any student code."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from grader import wire
from grader.domain.training import TrainingPlan
from workers.training.build import build
from workers.training.fitting import Fitting
from workers.training.job import TrainingJob, TrainingResult, load_job
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
    model = build(job.form, job.seed)
    model.compile(optimizer=_optimizer(job.plan), loss=_loss(job.plan), metrics=["accuracy"])
    y = np.load(folder / "train_y.npy", allow_pickle=False)
    x = _inputs(job, "train_x", model)[: len(y)]
    kept = job.plan.validation_of(len(x))
    earliest = job.plan.stopping.earliest if job.plan.stopping else 1
    judged = [Validation(x[-kept:], y[-kept:], job.plan.batch_size, earliest)] if kept else []
    fitting = Fitting(model, x[: len(x) - kept], y[: len(y) - kept], job.plan.batch_size)
    optimizer = [variable.numpy() for variable in model.optimizer.variables] if job.more_seeds else []
    _fit(model, fitting, judged, folder, job)
    for seed in job.more_seeds:
        _begin_again(model, optimizer, job, seed)
        own = folder / f"seed-{seed}"
        own.mkdir()
        _fit(model, fitting, judged, own, job)


def _begin_again(model: keras.Model, optimizer: list[np.ndarray], job: TrainingJob, seed: int) -> None:
    """Make the model what `build` gives for another seed, without tracing its steps again: the same numbers, bit for bit."""
    keras.utils.set_random_seed(seed)
    fresh = build(job.form, seed)
    for own, new in zip(model.variables, fresh.variables, strict=True):
        own.assign(new)
    for variable, value in zip(model.optimizer.variables, optimizer, strict=True):
        variable.assign(value)


def _fit(
    model: keras.Model, fitting: Fitting, judged: list[Validation], folder: Path, job: TrainingJob
) -> None:
    """Train, predict, and write what came of it; `fitting` and `judged` are traced once for all seeds."""
    start = time.monotonic()
    plan = job.plan
    stopping = [StopWhenLearnt(plan.stopping)] if plan.stopping else []
    history = fitting.fit(plan.epochs, [*judged, *stopping])
    fit_seconds = time.monotonic() - start
    if plan.evaluate_test:
        outputs = fitting.predict(_inputs(job, "test_x", model))
        np.save(folder / "predictions.npy", np.asarray(outputs, np.float32), allow_pickle=False)
    curves = {name: _finite(curve) for name, curve in history.items()}
    result = TrainingResult(curves, model.count_params(), fit_seconds)
    (folder / "result.json").write_bytes(wire.dumps(result))


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
