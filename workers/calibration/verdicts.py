"""How likely a wrong verdict is: a right network that fails, a wrong one that passes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import comb

import numpy as np

from grader.domain.training import DIGITS, TrainingPlan
from workers.calibration.tail import Array, Estimate, LowerTail, counted, estimate

HIGHEST = 1e-3
"""What a wrong verdict's probability must stay below, its upper limit included, for an assignment to be fair."""


def is_rare(chance: Estimate) -> bool:
    """Whether a wrong verdict's chance is small enough, its upper limit included."""
    return chance.high < HIGHEST


def is_undecided(chance: Estimate) -> bool:
    """Whether a wrong verdict may be rare or not, for all that is known: more seeds would tell."""
    return chance.low < HIGHEST <= chance.high


@dataclass(frozen=True, eq=False)
class Sample:
    """The accuracies of one network, a seed each, (n,) in [0, 1], whether it is right, and what no seed exceeds, if known."""

    accuracies: Array
    is_right: bool
    ceiling: float | None = None

    def wrong_verdict(self, plan: TrainingPlan) -> Estimate:
        """The chance that a network of this kind gets the wrong verdict by the plan's threshold, seeds and band."""
        assert plan.threshold is not None
        if self._never_varies(plan.threshold) or self._cannot_pass(plan.threshold):
            return Estimate(0.0, 0.0, 0.0)
        tail, threshold = self._tail, self._sign * plan.threshold
        beyond = tail.below if self.is_right else lambda x: tail.below(np.nextafter(x, -np.inf))
        alone = beyond(threshold)
        if tail.is_flat:
            alone = self._counted(threshold, alone)
        if plan.borderline is None:
            return estimate(_median_wrong(alone, len(plan.seeds)))
        far, near = plan.borderline.below, plan.borderline.above
        if not self.is_right:
            far, near = near, far
        rounding = self._sign * 0.5 * 10**-DIGITS
        clearly, nearly = beyond(threshold - far + rounding), beyond(threshold + near + rounding)
        if plan.evaluate_test and not self.is_right:
            nearly = np.ones_like(
                nearly
            )  # it may know its training pictures by heart, and is trained again then, too
        return estimate(_by_band(alone, clearly, nearly, plan.borderline.runs))

    @property
    def _sign(self) -> int:
        """A wrong network is a right one seen in a mirror: 0.6 above 0.5 is -0.6 below -0.5."""
        return 1 if self.is_right else -1

    @cached_property
    def _tail(self) -> LowerTail:
        return LowerTail.of(self._sign * self.accuracies)

    def close(self, plan: TrainingPlan) -> float:
        """The share of first runs that do not decide alone."""
        return float(np.mean([plan.is_close(float(each)) for each in self.accuracies]))

    def _never_varies(self, threshold: float) -> bool:
        """Whether every seed gave the same number, neither end of the scale, on its side of the threshold.

        Such a network does not depend on the seed. An accuracy of 1 may be that of one which nearly always gets there.
        """
        lowest, highest = float(self.accuracies.min()), float(self.accuracies.max())
        return lowest == highest and 0 < lowest < 1 and (lowest > threshold) == self.is_right

    def _cannot_pass(self, threshold: float) -> bool:
        return not self.is_right and self.ceiling is not None and self.ceiling <= threshold

    def _counted(self, threshold: float, alone: Array) -> Array:
        """Where all are equal, the limits of counting in the place of the model's."""
        hits = int((self._sign * self.accuracies <= threshold).sum())
        limits = counted(hits, len(self.accuracies))
        return np.asarray(np.where(np.arange(len(alone)) == 0, limits.value, limits.high))


def _median_wrong(alone: Array, runs: int) -> Array:
    """The chance that the median of so many runs is wrong, when one is with the chance `alone`; a tie counts as wrong."""
    return _at_least(alone, runs, (runs + 1) // 2)


def _by_band(alone: Array, clearly: Array, nearly: Array, runs: int) -> Array:
    """The chance that a first run is clearly wrong, or that one in the band is, and most of all `runs` with it.

    `clearly` is the chance of a run that is wrong beyond the band, `nearly` that of one in the band or wrong.
    """
    most = (runs + 1) // 2
    first_wrong = (alone - clearly) * _at_least(alone, runs - 1, most - 1)
    first_right = (nearly - alone) * _at_least(alone, runs - 1, most)
    return np.asarray(clearly + first_wrong + first_right)


def _at_least(chance: Array, runs: int, wanted: int) -> Array:
    """Binomial: the chance of so many hits or more."""
    terms: list[Array] = [
        comb(runs, hits) * chance**hits * (1 - chance) ** (runs - hits) for hits in range(wanted, runs + 1)
    ]
    return np.asarray(np.sum(terms, axis=0))
