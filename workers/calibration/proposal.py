"""What threshold, band and number of epochs would make chance decide seldom enough, by the samples at hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from grader.domain.training import Borderline, TrainingPlan
from workers.calibration.verdicts import Sample, is_rare

THRESHOLDS = [step / 100 for step in range(100)]
ABOVE, BELOW = (0.02, 0.05, 0.1, 0.15, 0.2), (0.02, 0.05, 0.1, 0.15, 0.2, 0.3)
RUNS = (3, 5, 7, 9)
SPARE_SEEDS = (0, 1, 2, 3, 4)


@dataclass(frozen=True)
class Proposal:
    """Thresholds between `lowest` and `highest` are fair with the plan's seeds and band; None where there is none.

    `threshold` keeps the plan's own where that is among them. `borderline` is the band that makes the plan's own threshold fair
    and trains right networks again the least, None where one training is enough; `band_found` is False where no band does.
    """

    lowest: float | None
    highest: float | None
    threshold: float | None
    borderline: Borderline | None
    band_found: bool


def propose(samples: Sequence[tuple[Sample, TrainingPlan]]) -> Proposal:
    """By samples of right and wrong networks, each with the plan that it was trained by."""
    fair = [threshold for threshold in THRESHOLDS if _is_fair(samples, _at(threshold))]
    own = samples[0][1].threshold
    band = next((each for each in _bands() if _is_fair(samples, each)), None)
    if _is_fair(samples, lambda plan: plan):
        threshold = own
    else:
        threshold = round((fair[0] + fair[-1]) / 2, 2) if fair else None
    return Proposal(
        lowest=fair[0] if fair else None,
        highest=fair[-1] if fair else None,
        threshold=threshold,
        borderline=None if band is None else band(samples[0][1]).borderline,
        band_found=band is not None,
    )


def fewest_epochs(by_epochs: Sequence[tuple[int, Sample]], plan: TrainingPlan) -> int | None:
    """The smallest number of epochs from which on the right network's verdict is fair; None where none is."""
    fewest = None
    for epochs, sample in sorted(by_epochs, key=lambda pair: -pair[0]):
        if not is_rare(sample.wrong_verdict(plan)):
            break
        fewest = epochs
    return fewest


Change = Callable[[TrainingPlan], TrainingPlan]


def _is_fair(samples: Sequence[tuple[Sample, TrainingPlan]], change: Change) -> bool:
    return all(is_rare(sample.wrong_verdict(change(plan))) for sample, plan in samples)


def _at(threshold: float) -> Change:
    return lambda plan: replace(plan, threshold=threshold)


def _bands() -> list[Change]:
    """From no band at all to the widest with most runs: the cheapest first."""
    found: list[Change] = [lambda plan: replace(plan, borderline=None, seeds=SPARE_SEEDS[:1])]
    bands = [Borderline(below, above, runs) for runs in RUNS for below in BELOW for above in ABOVE]
    bands.sort(
        key=lambda band: (band.runs, band.above, band.below)
    )  # what lies above costs right networks time
    return found + [_with(band) for band in bands]


def _with(band: Borderline) -> Change:
    return lambda plan: replace(plan, borderline=band, seeds=SPARE_SEEDS)
