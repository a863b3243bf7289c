"""Hardness of a data set: train the reference, the linear and the wrong models on it, many seeds, and print a table.

    python tests/training/measure.py traffic-signs --seeds 20 dense linear
    python tests/training/measure.py mnist --arrays /path/to/arrays.npz --seeds 5 dense one-layer

Without `--arrays`, an `.npz` with train_x, train_y, test_x, test_y as stored, the synthetic data is measured.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Arrays = Mapping[str, np.ndarray]

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@dataclass(frozen=True)
class Way:
    """How the assignments on one data set train: scaling, labels in columns or as places, and what `fit` is told."""

    subtract: float = 0.0
    loss: str = "sparse_categorical_crossentropy"
    optimizer: str = "adam"
    batch_size: int = 32
    validation_split: float = 0.0
    samples: int | None = None
    learning_rate: float | None = None


@dataclass(frozen=True)
class Trial:
    """One model to measure: how to build it, how long it trains, and the number that a check would look at.

    `way` where it is another than its data set's.
    """

    build: Callable[[Any], list[Any]]
    epochs: int
    metric: str  # "accuracy" of the last epoch's training, or "test_accuracy"
    way: Way | None = None


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


def _digits(k: Any) -> list[Any]:
    hidden = [k.Dense(512, activation="relu"), k.Dropout(0.2)]
    return [
        k.Flatten(),
        *hidden,
        k.Dense(512, activation="relu"),
        k.Dropout(0.2),
        k.Dense(10, activation="softmax"),
    ]


def _digits_straight(k: Any) -> list[Any]:
    """The nearest wrong network: both hidden layers without ReLU."""
    return [
        k.Flatten(),
        k.Dense(512),
        k.Dropout(0.2),
        k.Dense(512),
        k.Dropout(0.2),
        k.Dense(10, activation="softmax"),
    ]


def _digits_convolved(k: Any) -> list[Any]:
    front = [k.Reshape((28, 28, 1)), k.Conv2D(32, 3, activation="relu"), k.Conv2D(64, 3, activation="relu")]
    middle = [
        k.MaxPooling2D(2),
        k.Dropout(0.25),
        k.Flatten(),
        k.Dense(128, activation="relu"),
        k.Dropout(0.5),
    ]
    return [*front, *middle, k.Dense(10, activation="softmax")]


def _one_hidden(k: Any, units: int, activation: str | None, rate: float = 0.0) -> list[Any]:
    return [
        k.Flatten(),
        k.Dense(units, activation=activation),
        k.Dropout(rate),
        k.Dense(10, activation="softmax"),
    ]


def _two_of_64(k: Any) -> list[Any]:
    hidden = [k.Dense(64, activation="relu") for _ in range(2)]
    return [k.Flatten(), *hidden, k.Dense(10, activation="softmax")]


def _ten_straight(k: Any) -> list[Any]:
    return [k.Flatten(), k.Dense(10, activation="softmax")]


def _ten_shut(k: Any) -> list[Any]:
    import keras

    shut = keras.initializers.Constant(-100.0)
    return [
        k.Flatten(),
        k.Dense(64, activation="relu", bias_initializer=shut),
        k.Dense(10, activation="softmax"),
    ]


def _both_plans(
    name: str, build: Callable[[Any], list[Any]], epochs: tuple[int, int], way: Way
) -> dict[str, Trial]:
    """The class plan of a network under its name, and the document's under `name-full`."""
    full = replace(way, samples=None)
    return {
        name: Trial(build, epochs[0], "test_accuracy", way),
        f"{name}-full": Trial(build, epochs[1], "test_accuracy", full),
    }


def _pictures_of_28(
    models: Mapping[str, tuple[Callable[[Any], list[Any]], tuple[int, int], Way]],
) -> dict[str, Trial]:
    found: dict[str, Trial] = {}
    for name, (build, epochs, way) in models.items():
        found |= _both_plans(name, build, epochs, way)
    return found


DENSE = Way(optimizer="rmsprop", batch_size=128, samples=6000)
CONV = Way(optimizer="adadelta", learning_rate=1.0, batch_size=128, samples=2000)
FUNCTIONAL = Way(optimizer="rmsprop", batch_size=64, samples=6000, validation_split=1 / 6)
ADAM = Way(samples=6000)
WAYS = {
    "traffic-signs": Way(subtract=0.5, loss="categorical_crossentropy", validation_split=0.2),
    "happy-house": Way(loss="binary_crossentropy", batch_size=16),
    "mnist": ADAM,
    "fashion-mnist": ADAM,
}

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
    "mnist": _pictures_of_28(
        {
            "dense": (_digits, (8, 20), DENSE),
            "dense-linear": (_ten_straight, (8, 20), DENSE),
            "dense-no-relu": (_digits_straight, (8, 20), DENSE),
            "conv": (_digits_convolved, (4, 12), CONV),
            "conv-linear": (_ten_straight, (4, 12), CONV),
            "elu": (lambda k: _one_hidden(k, 128, "elu", 0.2), (4, 10), ADAM),
            "elu-linear": (_ten_straight, (4, 10), ADAM),
            "functional": (_two_of_64, (4, 2), FUNCTIONAL),
            "functional-linear": (_ten_straight, (4, 2), FUNCTIONAL),
            "constant": (_ten_shut, (1, 1), ADAM),
        }
    ),
    "fashion-mnist": _pictures_of_28(
        {
            "reference": (lambda k: _one_hidden(k, 128, "relu"), (4, 10), ADAM),
            "linear": (_ten_straight, (4, 10), ADAM),
            "no-relu": (lambda k: _one_hidden(k, 128, None), (4, 10), ADAM),
            "constant": (_ten_shut, (1, 1), ADAM),
        }
    ),
}


def measure(dataset: str, trial: Trial, arrays: Arrays, seed: int) -> float:
    """Train once from `seed`, as the assignments say, and return the number that the check looks at."""
    import keras

    from workers.training.fitting import Fitting

    keras.utils.set_random_seed(seed)
    keras.backend.clear_session(free_memory=False)
    way = trial.way or WAYS[dataset]
    x, test_x = (
        arrays[name].astype("float32") / 255 - np.float32(way.subtract) for name in ("train_x", "test_x")
    )
    places = arrays["train_y"].astype("int32") - int(arrays["train_y"].min())
    y = {"categorical": np.eye(5, dtype="float32")[places % 5], "binary": places[:, None].astype("float32")}
    model = keras.Sequential([keras.Input(x.shape[1:]), *trial.build(keras.layers)])
    optimizer = keras.optimizers.get(way.optimizer)
    if way.learning_rate is not None:
        optimizer.learning_rate = way.learning_rate
    model.compile(optimizer, way.loss, metrics=["accuracy"])
    count = math.floor(len(x[: way.samples]) * (1 - way.validation_split))
    told = y.get(way.loss.partition("_")[0], places)
    fitting = Fitting(model, x[:count], told[:count], way.batch_size)
    history = fitting.fit(trial.epochs, [])
    if trial.metric == "accuracy":
        return history["accuracy"][-1]
    outputs = fitting.predict(test_x)
    predicted = outputs.argmax(axis=1) if outputs.shape[1] > 1 else (outputs[:, 0] > 0.5).astype(int)
    return float((predicted + int(arrays["train_y"].min()) == arrays["test_y"]).mean())


def synthetic(dataset: str) -> Arrays:
    """What the data set's generator gives."""
    from grader.settings import BUILT_IN_ASSIGNMENTS
    from workers.training.datasets import generate
    from workers.training.declaration import find_declarations, read_declaration

    folder = find_declarations(BUILT_IN_ASSIGNMENTS)[dataset]
    return generate(read_declaration(folder), folder)


def main() -> None:
    """Print a line per model: seeds, lowest, mean, highest, seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", choices=TRIALS)
    parser.add_argument("--arrays", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("trials", nargs="+")
    options = parser.parse_args()
    arrays = synthetic(options.dataset)
    if options.arrays:
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
            f"{name:22s} seeds {options.seeds:3d}  lowest {min(figures):.3f}  mean {statistics.mean(figures):.3f}"
            f"  highest {max(figures):.3f}  {seconds:.1f} s each\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
