"""What `fit` and `evaluate` say while a submission is read: finite numbers that are invented, and behave as training does.

They depend on nothing but the metric's name, the split and how many epochs the model has seen, so that code which waits
for an accuracy goes on, and no number says anything about a network.
"""

from __future__ import annotations

import re
from functools import lru_cache

TRAINING, TESTING = "training", "testing"
"""The two splits; what is held back lags a little."""

_RISING = frozenset(
    {"acc", "accuracy", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy",
     "top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy", "auc", "precision", "recall",
     "f1", "f1_score", "fbeta_score", "r2", "r2_score", "iou", "io_u", "binary_io_u", "one_hot_io_u", "mean_io_u",
     "mean_iou", "one_hot_mean_io_u", "dice", "dice_coef", "cosine_similarity", "sensitivity", "specificity",
     "precision_at_recall", "recall_at_precision", "sensitivity_at_specificity", "specificity_at_sensitivity",
     "true_positives", "true_negatives"}
)  # fmt: skip
"""Accuracy and its kin, by the names that Keras gives them and that people give their own; all else falls."""

_NUMBERED = re.compile(r"_\d+$")
_LAG = {TRAINING: 1.0, TESTING: 1.1}
_AT_FIRST, _SHARE_MISSED, _LOSS = 1.4, 1.7, 2.3


def figure(name: str, epochs: int, split: str = TRAINING) -> float:
    """The metric `name` after so many epochs: strictly rising to above 0.999 by epoch 50, or strictly falling above 0."""
    left = _LAG[split] / (epochs + _AT_FIRST) ** 2
    return 1.0 - _SHARE_MISSED * left if rises(name) else _LOSS * left


@lru_cache(maxsize=1024)
def rises(name: str) -> bool:
    """Whether a metric is better when it is larger: `auc_1` and `digit_accuracy` are too."""
    plain = _NUMBERED.sub("", name.lower())
    parts = plain.split("_")
    return any("_".join(parts[start:]) in _RISING for start in range(len(parts)))
