"""How a model was compiled: optimizer, loss and metrics under one name each, whatever their spelling.

"adam", `Adam()` and `keras.optimizers.Adam` are the setting `adam`; what has Keras's own value leaves the setting, so
that equal settings are equal values. The table of Keras's own values is compared with Keras by a test.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

Plain = str | int | float | bool | None

OPTIMIZERS: Mapping[str, Mapping[str, Plain]] = MappingProxyType(
    {
        "sgd": {"learning_rate": 0.01, "momentum": 0.0, "nesterov": False},
        "rmsprop": {"learning_rate": 0.001, "rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False},
        "adam": {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "amsgrad": False},
        "adamw": {
            "learning_rate": 0.001,
            "weight_decay": 0.004,
            "beta_1": 0.9,
            "beta_2": 0.999,
            "epsilon": 1e-7,
            "amsgrad": False,
        },
        "nadam": {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
        "adamax": {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
        "adadelta": {"learning_rate": 0.001, "rho": 0.95, "epsilon": 1e-7},
        "adagrad": {"learning_rate": 0.001, "initial_accumulator_value": 0.1, "epsilon": 1e-7},
        "ftrl": {"learning_rate": 0.001, "initial_accumulator_value": 0.1},
        "lion": {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.99},
    }
)
"""Keras's optimizers and the options that one of its own objects has."""

EVERY_OPTIMIZER: Mapping[str, Plain] = MappingProxyType(
    {
        "decay": 0.0,
        "weight_decay": None,
        "clipnorm": None,
        "global_clipnorm": None,
        "clipvalue": None,
        "use_ema": False,
        "loss_scale_factor": None,
        "gradient_accumulation_steps": None,
    }
)
"""`decay` is what an InverseTimeDecay of the learning rate comes to: rate / (1 + decay · step)."""

EVERY_LOSS_AND_METRIC: Mapping[str, Plain] = MappingProxyType(
    {
        "from_logits": False,
        "label_smoothing": 0.0,
        "reduction": "sum_over_batch_size",
        "axis": -1,
        "ignore_class": None,
        "threshold": 0.5,
        "k": 5,
    }
)

LOSSES = (
    "mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_logarithmic_error",
    "cosine_similarity", "huber", "log_cosh", "kl_divergence", "poisson", "hinge", "squared_hinge",
    "categorical_hinge", "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy",
    "binary_focal_crossentropy", "categorical_focal_crossentropy", "crossentropy",
)  # fmt: skip

METRICS = (
    *LOSSES, "accuracy", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy",
    "top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy", "auc", "precision", "recall", "f1_score",
    "root_mean_squared_error", "true_positives", "true_negatives", "false_positives", "false_negatives",
)  # fmt: skip

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "mse": "mean_squared_error",
        "mae": "mean_absolute_error",
        "mape": "mean_absolute_percentage_error",
        "msle": "mean_squared_logarithmic_error",
        "bce": "binary_crossentropy",
        "kld": "kl_divergence",
        "ce": "crossentropy",
        "acc": "accuracy",
        "rmse": "root_mean_squared_error",
        "logcosh": "log_cosh",
        "logcosherror": "log_cosh",
    }
)

ACCURACY_OF = MappingProxyType(
    {
        "binary_crossentropy": "binary_accuracy",
        "categorical_crossentropy": "categorical_accuracy",
        "sparse_categorical_crossentropy": "sparse_categorical_accuracy",
    }
)
"""What Keras makes of the word "accuracy", told from the loss that goes with the same labels."""

EQUAL_NUMBERS = "keras.metrics.Accuracy"
"""Keras's class of that name counts numbers that are exactly equal: something else than the word "accuracy"."""


@dataclass(frozen=True)
class Setting:
    """One optimizer, loss or metric. Options are those not left to Keras.

    `own` means that the student wrote it; the option `gives` then says what their metric function returned.
    """

    name: str
    options: Mapping[str, Plain] = field(default_factory=dict)
    own: bool = False

    def notation(self) -> str:
        """As one would write it: `sgd(learning_rate=0.1)`."""
        inside = ", ".join(f"{name}={_written(value)}" for name, value in sorted(self.options.items()))
        return f"{self.name}({inside})" if inside else self.name


@dataclass(frozen=True)
class CompileSettings:
    """What `compile` was given. A name that nobody knows is kept as it is written."""

    optimizer: Setting
    loss: Setting | None = None
    metrics: tuple[Setting, ...] = ()


def optimizer(name: str, **options: Plain) -> Setting:
    """An optimizer by any of its names; options that are Keras's own leave it."""
    known = _named(name, OPTIMIZERS)
    defaults = {**EVERY_OPTIMIZER, **OPTIMIZERS.get(known, {})}
    if known == "sgd" and not options.get("momentum"):
        options = {**options, "nesterov": False}  # without momentum there is nothing to look ahead with
    return Setting(known, _changed(options, defaults))


def loss(name: str, **options: Plain) -> Setting:
    """A loss by any of its names."""
    return Setting(_named(name, LOSSES), _changed(options, EVERY_LOSS_AND_METRIC))


def metric(name: str, **options: Plain) -> Setting:
    """A metric by any of its names."""
    return Setting(_named(name, METRICS), _changed(options, EVERY_LOSS_AND_METRIC))


def own(name: str) -> Setting:
    """A function or class of the student's."""
    return Setting(name, own=True)


def spelled_out(wanted: Setting, lost: Setting | None) -> Setting:
    """The metric that the word "accuracy" stands for beside this loss."""
    if wanted.name != "accuracy" or wanted.own or lost is None:
        return wanted
    return replace(wanted, name=ACCURACY_OF.get(lost.name, wanted.name))


def _named(name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """Keras's name in small letters, or the name as it came."""
    squeezed = _squeezed(name)
    names = {_squeezed(one): one for one in known}
    alias = ALIASES.get(squeezed, squeezed)
    return names.get(_squeezed(alias), name)


def _squeezed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _changed(options: Mapping[str, Plain], defaults: Mapping[str, Plain]) -> dict[str, Plain]:
    rounded = {name: _rounded(value) for name, value in options.items()}
    return {name: value for name, value in sorted(rounded.items()) if value != defaults.get(name)}


def _rounded(value: Plain) -> Plain:
    """Six digits: Keras keeps 0.001 as the nearest float32."""
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _written(value: Plain) -> str:
    return f"{value:g}" if isinstance(value, float) else repr(value)
