"""Runs that were trained before, by their key. What comes out is read as strangers' words: a misfit is not there.

An entry holds the accuracy and not the predictions: that is a function of them and of the data, which the key names.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from grader import wire
from grader.domain.training import ByAverages, SeededRun, TrainingPlan

MOST_BYTES = 2 * 1024 * 1024
"""Of one entry: four curves of ten thousand epochs have less than one million."""

FORMAT = 1


class RunCache(Protocol):
    """Where runs are kept. None of these raises because the place is away, full or damaged."""

    def get(self, key: str) -> bytes | None:
        """What was put under the key, or nothing."""

    def put(self, key: str, entry: bytes) -> None:
        """Keep an entry; old ones go when there is no room."""

    def alone(self, key: str, seconds: float) -> AbstractContextManager[None]:
        """Be the only one who trains the run: waits for whoever does, at most `seconds`, and then goes on without.

        Whoever dies meanwhile is not waited for.
        """


class NoCache:
    """Keeps nothing."""

    def get(self, key: str) -> bytes | None:  # noqa: ARG002 - it knows no key
        """Nothing."""
        return None

    def put(self, key: str, entry: bytes) -> None:
        """Nothing happens."""

    def alone(self, key: str, seconds: float) -> AbstractContextManager[None]:  # noqa: ARG002 - nobody is waited for
        """At once."""
        return nullcontext()


@dataclass(frozen=True)
class KeptRun:
    """One run, and how many seconds it took when it was trained."""

    run: SeededRun
    seconds: float


@dataclass(frozen=True)
class Entry:
    """What is kept; the key within shows that it is where it belongs."""

    format: int
    key: str
    kept: KeptRun


def dump(key: str, kept: KeptRun) -> bytes:
    """A run as an entry."""
    return wire.dumps(Entry(FORMAT, key, kept))


def read(data: bytes, key: str, plan: TrainingPlan, seed: int) -> KeptRun | None:
    """The run of an entry; None when it is damaged, or is not what training by this plan and seed can give."""
    try:
        entry = wire.from_json(Entry, wire.parse(data, max_bytes=MOST_BYTES))
    except wire.WireError:
        return None
    named = (entry.format, entry.key, entry.kept.run.seed) == (FORMAT, key, seed)
    return entry.kept if named and entry.kept.seconds >= 0 and _fits(entry.kept.run, plan) else None


def _fits(run: SeededRun, plan: TrainingPlan) -> bool:
    names = {"loss", "accuracy"}
    if plan.validation_samples or plan.validation_split:
        names |= {f"val_{name}" for name in names}
    tested = run.test_accuracy
    return (
        (run.epochs == plan.epochs or (plan.stopping is not None and 1 <= run.epochs < plan.epochs))
        and set(run.history) == names
        and all(len(curve) == run.epochs for curve in run.history.values())
        and all(_is_share(value) for name in names if "accuracy" in name for value in run.history[name])
        and (tested is not None) == plan.evaluate_test
        and _is_share(tested)
        and (run.by_averages is None or (tested is not None and _is_plausible(run.by_averages)))
    )


def _is_plausible(told: ByAverages) -> bool:
    return _is_share(told.test_accuracy) and told.steps > 0


def _is_share(value: float | None) -> bool:
    return value is None or 0 <= value <= 1
