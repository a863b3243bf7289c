"""The canary: one small training that every worker makes, whose numbers must be the same on all of them.

Its pictures are drawn here, so that it depends on no data set; its layers are those that the exercises use most. Two workers
whose numbers differ may judge one submission near a threshold in two ways: another processor, another library.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Protocol

import numpy as np

from grader.domain.canonical import canonical
from grader.domain.layers import BatchNormalization, Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from grader.domain.model_spec import chain
from grader.domain.training import TrainingPlan
from workers.scratch import Scratch
from workers.training.job import TrainingJob, dump_job

SHAPE, CLASSES, ROWS = (12, 12, 1), 3, 96
NETWORK = chain(
    SHAPE,
    Conv2D(filters=8, kernel_size=(3, 3), activation="relu"),
    MaxPooling2D(),
    BatchNormalization(),
    Dropout(0.25),
    Flatten(),
    Dense(16, activation="relu"),
    Dense(CLASSES, activation="softmax"),
)
PLAN = TrainingPlan("canary", 3, 16, "adam", "categorical_crossentropy", evaluate_test=True)
SEED = 0
CPU_SECONDS = 120.0


class Process(Protocol):
    """Whatever does the job in a folder."""

    def run(self, folder: Path, cpu_seconds: float) -> None:
        """Do it; TrainerFault when it cannot be done."""


def canary(process: Process, threads: int) -> str:
    """The hash, in hexadecimal digits, of every number that the training gives; TrainerFault when it fails."""
    with Scratch("canary") as folder:
        job = TrainingJob(canonical(NETWORK), PLAN, SEED, threads, inputs=str(folder))
        (folder / "job.json").write_text(json.dumps(dump_job(job)), "utf-8")
        draw(folder)
        process.run(folder, CPU_SECONDS)
        history = json.loads((folder / "result.json").read_bytes())["history"]
        told = json.dumps(history, sort_keys=True).encode() + (folder / "predictions.npy").read_bytes()
    return hashlib.sha256(told).hexdigest()


def draw(folder: Path) -> None:
    """Pictures (96, 12, 12, 1) in [0, 1] whose brightest third of rows is their class, and noise for the test."""
    random = np.random.default_rng(SEED)
    labels = np.arange(ROWS) % CLASSES
    for part in ("train_x", "test_x"):
        pictures = random.random((ROWS, *SHAPE), dtype=np.float32) / 2
        for label, picture in zip(labels, pictures, strict=True):
            picture[4 * label : 4 * label + 4] *= 2
        np.save(folder / f"{part}.npy", pictures, allow_pickle=False)
    np.save(folder / "train_y.npy", np.eye(CLASSES, dtype=np.float32)[labels], allow_pickle=False)
