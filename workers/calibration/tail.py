"""How likely an accuracy is that was hardly ever seen: the tail of a sample, modelled, with confidence intervals.

Below the lowest fifth of a sample the chance falls exponentially with the distance: the generalized Pareto model of
exceedances with shape 0 (Pickands 1975; Coles, An Introduction to Statistical Modeling of Extreme Values, 2001, chapter 4).
An accuracy is bounded, so that its true tail has a negative shape and is lighter: the model errs on the careful side, but
for a mixture whose rare kind was never drawn. What was seen counts, so that a chance is never less than its share.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

Array = np.ndarray

SHARE = 0.2
"""The part of a sample that is its tail: 130 of 650 seeds, 12 of 60."""

RESAMPLES = 2000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A probability, and the limits between which it lies with 95 % confidence."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class LowerTail:
    """The chance to be at or below a number, for a sample (n,) and for resamples of it (RESAMPLES, n).

    The first row is the sample itself. `below` gives one chance for each row.
    """

    rows: Array
    edge: Array
    share: Array
    spread: Array

    @classmethod
    def of(cls, sample: Array) -> LowerTail:
        """Fitted; ValueError for less than ten numbers, of which no tail is to be had."""
        count = len(sample)
        if count < 10:  # noqa: PLR2004 - two in the tail
            detail = f"a tail cannot be seen in {count} numbers"
            raise ValueError(detail)
        sample = np.sort(sample)  # the limits are those of the sample, in whatever order it came
        rows = np.vstack([sample, sample[_drawn(count)]])
        kept = max(2, round(SHARE * count))
        # Where many are equally low, the tail is all of these, and its edge the next number above them.
        lowest = (rows == rows[:, :1]).sum(axis=1)
        edge = rows[np.arange(len(rows)), np.minimum(np.maximum(lowest, kept), count - 1)]
        is_beyond = rows < edge[:, None]
        excess = np.where(is_beyond, edge[:, None] - rows, 0).sum(axis=1)
        return cls(rows, edge, is_beyond.mean(axis=1), excess / np.maximum(is_beyond.sum(axis=1), 1))

    @property
    def is_flat(self) -> bool:
        """Whether all numbers are one, so that nothing can be modelled."""
        return bool(self.spread[0] == 0)

    def below(self, x: float) -> Array:
        """P(X ≤ x), (1 + RESAMPLES,): by the model beyond the tail's edge, never less than the share that was seen."""
        seen = (self.rows <= x).mean(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            fallen = np.where(self.spread > 0, np.exp(-(self.edge - x) / self.spread), 0.0)
        modelled = self.share * fallen
        return np.asarray(np.where(x < self.edge, np.maximum(seen, modelled), seen))


@lru_cache(maxsize=4)
def _drawn(count: int) -> Array:
    """Which places of a sorted sample each resample takes, (RESAMPLES, count) in order: the same for all of that size."""
    return np.sort(np.random.default_rng(0).integers(0, count, (RESAMPLES, count)), axis=1)


def estimate(chances: Array) -> Estimate:
    """The first as the value, the middle 95 % of the others as its limits."""
    rest = (1 - CONFIDENCE) / 2
    low, high = np.quantile(chances[1:], [rest, 1 - rest])
    value = float(chances[0])
    return Estimate(value, min(float(low), value), max(float(high), value))


def counted(hits: int, of: int) -> Estimate:
    """A share that was counted, with the exact binomial limits (Clopper and Pearson 1934)."""
    from scipy.stats import binomtest

    limits = binomtest(hits, of).proportion_ci(CONFIDENCE, method="exact")
    return Estimate(hits / of, float(limits.low), float(limits.high))
