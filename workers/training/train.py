"""Trains one canonical form: seeded, deterministic, without any student code."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from grader import wire
from grader.domain.training import TrainingPlan
from workers.training.build import build
from workers.training.job import TrainingJob, TrainingResult, load_job

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


def run(folder: Path) -> None:
    """Do the job in `folder` and write its result there."""
    job = load_job(wire.parse((folder / "job.json").read_bytes()))
    _make_deterministic(job)
    model = build(job.form, job.seed)
    model.compile(optimizer=_optimizer(job.plan), loss=job.plan.loss, metrics=["accuracy"])
    start = time.monotonic()
    history = model.fit(
        np.load(folder / "train_x.npy", allow_pickle=False),
        np.load(folder / "train_y.npy", allow_pickle=False),
        batch_size=job.plan.batch_size,
        epochs=job.plan.epochs,
        validation_split=job.plan.validation_split,
        verbose=0,
    )
    fit_seconds = time.monotonic() - start
    if job.plan.evaluate_test:
        inputs = np.load(folder / "test_x.npy", allow_pickle=False)
        outputs = model.predict(inputs, batch_size=job.plan.batch_size, verbose=0)
        np.save(folder / "predictions.npy", np.asarray(outputs, np.float32), allow_pickle=False)
    curves = {name: _finite(curve) for name, curve in history.history.items()}
    result = TrainingResult(curves, model.count_params(), fit_seconds)
    (folder / "result.json").write_bytes(wire.dumps(result))


def _make_deterministic(job: TrainingJob) -> None:
    tf.config.threading.set_intra_op_parallelism_threads(job.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(job.seed)


def _optimizer(plan: TrainingPlan) -> keras.optimizers.Optimizer:
    kind = OPTIMIZERS[plan.optimizer]
    return kind() if plan.learning_rate is None else kind(learning_rate=plan.learning_rate)


def _finite(curve: Iterable[float]) -> tuple[float | None, ...]:
    return tuple(float(value) if math.isfinite(value) else None for value in curve)
