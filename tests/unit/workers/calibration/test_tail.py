from __future__ import annotations

import math

import numpy as np
import pytest

from workers.calibration.tail import LowerTail, counted, estimate


def test_an_exponential_tail_is_found_again() -> None:
    """Beyond all that was drawn: the true chance of such a sample is known."""
    drawn = np.random.default_rng(1).exponential(0.02, 650)
    tail = LowerTail.of(0.8 - drawn)  # P(X ≤ 0.8 - d) = exp(-d / 0.02)
    found = estimate(tail.below(0.6))
    truth = math.exp(-0.2 / 0.02)
    assert found.low < truth < found.high
    assert found.low < found.value < found.high
    assert found.high < 30 * truth


def test_a_bounded_tail_is_judged_carefully() -> None:
    """A normal tail falls faster than the model's, so that the model never says too little."""
    drawn = np.random.default_rng(2).normal(0.7, 0.05, 650)
    for distance in (3, 3.5, 4):
        truth = 0.5 * math.erfc(distance / math.sqrt(2))
        assert estimate(LowerTail.of(drawn).below(0.7 - distance * 0.05)).high > truth


def test_limits_hold_nineteen_times_in_twenty() -> None:
    truth, held = math.exp(-0.1 / 0.02), 0
    for seed in range(40):
        sample = 0.8 - np.random.default_rng(seed).exponential(0.02, 100)
        found = estimate(LowerTail.of(sample).below(0.7))
        held += found.low <= truth <= found.high
    assert held >= 34  # resampling is a little too sure with so few


def test_what_was_seen_counts_at_least() -> None:
    """A rare other kind, which no tail tells of."""
    sample = np.array([0.9] * 640 + [0.2] * 10)
    assert LowerTail.of(sample).below(0.5)[0] == pytest.approx(10 / 650)


def test_the_middle_is_as_it_was_drawn() -> None:
    sample = np.arange(100) / 100
    assert LowerTail.of(sample).below(0.49)[0] == 0.5


def test_a_floor_that_many_stand_on_is_a_tail_with_the_distance_to_the_next() -> None:
    sample = np.array([0.2] * 40 + [0.25] * 20)
    assert LowerTail.of(sample).below(0.1)[0] == pytest.approx(40 / 60 * math.exp(-0.15 / 0.05))


def test_a_flat_tail_says_so() -> None:
    assert LowerTail.of(np.ones(20)).is_flat
    assert not LowerTail.of(np.array([*np.ones(19), 0.9])).is_flat


def test_few_numbers_have_no_tail() -> None:
    with pytest.raises(ValueError, match="9 numbers"):
        LowerTail.of(np.ones(9))


def test_counting_has_the_limits_of_the_exact_test() -> None:
    """The upper limit of none in n is 1 - 0.025^(1/n)."""
    none = counted(0, 650)
    assert (none.value, none.low) == (0, 0)
    assert none.high == pytest.approx(1 - 0.025 ** (1 / 650))
