"""Hardness of a data set: train the reference, the linear and the wrong models on it, many seeds, and print a table.

    python tests/training/measure.py traffic-signs /path/to/arrays.npz --seeds 20 dense linear

The `.npz` holds train_x, train_y, test_x, test_y as stored (uint8 pictures, integer labels).
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Arrays = Mapping[str, np.ndarray]

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@dataclass(frozen=True)
class Trial:
    """One model to measure: how to build it, how long it trains, and the number that a check would look at."""

    build: Callable[[Any], list[Any]]
    epochs: int
    metric: str  # "accuracy" of the last epoch's training, or "test_accuracy"


def _head(k: Any, *, relu: bool = True) -> list[Any]:
    hidden = [k.Dense(128), k.Activation("relu")] if relu else [k.Dense(128)]
    return [k.Flatten(), *hidden, k.Dense(5), k.Activation("softmax")]


def _dropout(k: Any) -> list[Any]:
    front = [k.Conv2D(32, (3, 3)), k.MaxPooling2D((2, 2)), k.Dropout(0.5), k.Activation("relu")]
    return [*front, *_head(k)]


def _zeros(k: Any) -> list[Any]:
    return [
        k.Flatten(),
        k.Dense(128, activation="relu", kernel_initializer="zeros"),
        k.Dense(5, activation="softmax", kernel_initializer="zeros"),
    ]


def _happy(k: Any) -> list[Any]:
    block = [k.ZeroPadding2D((3, 3)), k.Conv2D(32, (7, 7)), k.BatchNormalization(), k.Activation("relu")]
    return [*block, k.MaxPooling2D((2, 2)), k.Flatten(), k.Dense(1, activation="sigmoid")]


def _happy_small(k: Any) -> list[Any]:
    layers: list[Any] = []
    for filters in (8, 16, 32):
        layers += [k.Conv2D(filters, 3, padding="same"), k.BatchNormalization(), k.ReLU(), k.MaxPooling2D(2)]
    return [*layers, k.Flatten(), k.Dense(1, activation="sigmoid")]


def _mean_colour(k: Any) -> list[Any]:
    return [k.GlobalAveragePooling2D(), k.Dense(1, activation="sigmoid")]


def _shut(k: Any) -> list[Any]:
    """Nothing gets through the hidden layer, so that only the last bias learns."""
    import keras

    shut = keras.initializers.Constant(-100.0)
    hidden = k.Dense(4, activation="relu", bias_initializer=shut)
    return [k.MaxPooling2D(8), k.Flatten(), hidden, k.Dense(1, activation="sigmoid")]


TRIALS: dict[str, dict[str, Trial]] = {
    "traffic-signs": {
        "dense": Trial(_head, 3, "accuracy"),
        "conv": Trial(lambda k: [k.Conv2D(32, 3, activation="relu"), *_head(k)], 3, "accuracy"),
        "pool": Trial(
            lambda k: [k.Conv2D(32, 3, activation="relu"), k.MaxPooling2D(2), *_head(k)], 3, "accuracy"
        ),
        "dropout": Trial(_dropout, 3, "accuracy"),
        "test": Trial(_dropout, 8, "test_accuracy"),
        "linear": Trial(lambda k: [k.Flatten(), k.Dense(5, activation="softmax")], 3, "accuracy"),
        "no-relu": Trial(lambda k: _head(k, relu=False), 3, "accuracy"),
        "constant": Trial(_zeros, 3, "accuracy"),
        "linear-8": Trial(lambda k: [k.Flatten(), k.Dense(5, activation="softmax")], 8, "test_accuracy"),
        "no-relu-8": Trial(lambda k: _head(k, relu=False), 8, "test_accuracy"),
        "constant-8": Trial(_zeros, 8, "test_accuracy"),
    },
    "happy-house": {
        "reference": Trial(_happy, 40, "test_accuracy"),
        "reference-10": Trial(_happy, 10, "test_accuracy"),
        "small-12": Trial(_happy_small, 12, "test_accuracy"),
        "linear": Trial(lambda k: [k.Flatten(), k.Dense(1, activation="sigmoid")], 40, "test_accuracy"),
        "colour": Trial(_mean_colour, 40, "test_accuracy"),
        "constant": Trial(_shut, 2, "test_accuracy"),
    },
}


def measure(dataset: str, trial: Trial, arrays: Arrays, seed: int) -> float:
    """Train once from `seed`, as the assignments say, and return the number that the check looks at."""
    import keras

    keras.utils.set_random_seed(seed)
    keras.backend.clear_session()
    gc.collect()
    signs = dataset == "traffic-signs"
    x, test_x = (
        arrays[name].astype("float32") / 255 - (0.5 if signs else 0.0) for name in ("train_x", "test_x")
    )
    y = np.eye(5, dtype="float32")[arrays["train_y"] - 1] if signs else arrays["train_y"].astype("float32")
    model = keras.Sequential([keras.Input(x.shape[1:]), *trial.build(keras.layers)])
    loss = "categorical_crossentropy" if signs else "binary_crossentropy"
    model.compile("adam", loss, metrics=["accuracy"])
    options: dict[str, Any] = {"batch_size": 32, "validation_split": 0.2} if signs else {"batch_size": 16}
    history = model.fit(x, y.reshape(len(x), -1), epochs=trial.epochs, verbose=0, **options)
    if trial.metric == "accuracy":
        return float(history.history["accuracy"][-1])
    outputs = model.predict(test_x, verbose=0)
    predicted = outputs.argmax(axis=1) + 1 if signs else (outputs[:, 0] > 0.5).astype(int)
    return float((predicted == arrays["test_y"]).mean())


def main() -> None:
    """Print a line per model: seeds, lowest, mean, highest, seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", choices=TRIALS)
    parser.add_argument("arrays", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("trials", nargs="+")
    options = parser.parse_args()
    with np.load(options.arrays, allow_pickle=False) as stored:
        arrays = dict(stored)
    for name in options.trials:
        begin = time.monotonic()
        figures = [
            measure(options.dataset, TRIALS[options.dataset][name], arrays, seed)
            for seed in range(options.seeds)
        ]
        seconds = (time.monotonic() - begin) / options.seeds
        sys.stdout.write(
            f"{name:14s} seeds {options.seeds:3d}  lowest {min(figures):.3f}  mean {statistics.mean(figures):.3f}"
            f"  highest {max(figures):.3f}  {seconds:.1f} s each\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
