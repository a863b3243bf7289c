"""Invented figures behave as training does: loops that wait for an accuracy end, and nothing is ever no number."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from workers.guest.compat.figures import TESTING, TRAINING, figure, rises

RISING = (
    "accuracy",
    "acc",
    "binary_accuracy",
    "auc_1",
    "digits_accuracy",
    "my_f1_score",
    "r2_score",
    "Precision",
)
FALLING = (
    "loss",
    "mae",
    "mean_squared_error",
    "digits_loss",
    "accuracy_loss",
    "false_positives",
    "perplexity",
    "",
)


@pytest.mark.parametrize("split", [TRAINING, TESTING])
@pytest.mark.parametrize("name", RISING)
def test_accuracy_and_its_kin_rise_to_one(name: str, split: str) -> None:
    values = [figure(name, epoch, split) for epoch in range(2000)]
    assert all(before < after for before, after in pairwise(values))
    assert values[0] >= 0
    assert values[50] > 0.999
    assert figure(name, 10**5, split) < figure(name, 10**5 + 1, split) < 1


@pytest.mark.parametrize("split", [TRAINING, TESTING])
@pytest.mark.parametrize("name", FALLING)
def test_all_else_falls_and_stays_above_nothing(name: str, split: str) -> None:
    values = [figure(name, epoch, split) for epoch in range(2000)]
    assert all(before > after for before, after in pairwise(values))
    assert figure(name, 10**5, split) > figure(name, 10**5 + 1, split) > 0
    assert all(map(math.isfinite, values))


def test_what_is_held_back_lags() -> None:
    assert figure("accuracy", 3, TESTING) < figure("accuracy", 3, TRAINING)
    assert figure("loss", 3, TESTING) > figure("loss", 3, TRAINING)


def test_they_depend_on_nothing_else() -> None:
    assert figure("accuracy", 7) == figure("acc", 7) == figure("accuracy", 7)
    assert rises("acc")
    assert not rises("accurate")
