from __future__ import annotations

import numpy as np
import pytest

from grader.domain.training import Borderline, TrainingPlan
from workers.calibration.proposal import fewest_epochs, propose
from workers.calibration.verdicts import Sample

PLAN = TrainingPlan("d", 1, 1, "adam", "x", threshold=0.5)


def around(middle: float, width: float, right: bool = True, seed: int = 0) -> tuple[Sample, TrainingPlan]:
    values = np.clip(np.random.default_rng(seed).normal(middle, width, 200), 0, 1)
    return Sample(values, right), PLAN


def test_far_apart_one_seed_is_enough() -> None:
    told = propose([around(0.8, 0.02), around(0.2, 0.02, right=False, seed=1)])
    assert told.threshold == 0.5
    assert told.band_found
    assert told.borderline is None
    assert told.lowest is not None
    assert told.highest is not None
    assert 0.25 < told.lowest < 0.5 < told.highest < 0.75


def test_a_threshold_that_is_too_high_is_moved_down() -> None:
    told = propose([around(0.55, 0.04), around(0.2, 0.02, right=False, seed=1)])
    assert told.threshold is not None
    assert 0.25 < told.threshold < 0.45


def test_close_to_the_threshold_a_band_helps() -> None:
    told = propose([around(0.62, 0.05)])
    assert told.band_found
    assert isinstance(told.borderline, Borderline)
    assert told.borderline.runs in (3, 5)


def test_where_right_and_wrong_are_one_nothing_helps() -> None:
    told = propose([around(0.5, 0.05), around(0.5, 0.05, right=False, seed=1)])
    assert (told.threshold, told.lowest, told.band_found) == (None, None, False)


@pytest.mark.parametrize(("bad", "fewest"), [(set(), 1), ({1, 2}, 3), ({1, 2, 3, 4}, None), ({3}, 4)])
def test_epochs_that_are_enough_from_there_on(bad: set[int], fewest: int | None) -> None:
    samples = [(epoch, around(0.4 if epoch in bad else 0.9, 0.02)[0]) for epoch in (1, 2, 3, 4)]
    assert fewest_epochs(samples, PLAN) == fewest
