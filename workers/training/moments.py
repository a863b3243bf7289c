"""Mean and variance of many numbers from those of their parts, without keeping the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Moments:
    """Of `count` numbers in each place of an axis: mean and variance, float64 (places,)."""

    count: int
    mean: np.ndarray
    variance: np.ndarray


def pooled(parts: Sequence[Moments]) -> Moments:
    """Those of all numbers together (Chan, Golub and LeVeque 1979): each part's own spread, and how far its mean lies off."""
    counts = np.array([part.count for part in parts], np.float64)[:, None]
    means, variances = (np.stack([getattr(part, name) for part in parts]) for name in ("mean", "variance"))
    total = counts.sum()
    with np.errstate(invalid="ignore", over="ignore"):  # what is not finite is left out by whoever asks
        mean = (counts * means).sum(axis=0) / total
        variance = (counts * (variances + (means - mean) ** 2)).sum(axis=0) / total
    return Moments(int(total), mean, variance)
