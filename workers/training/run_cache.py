"""Runs that were trained before, by their key. What comes out is read as strangers' words: a misfit is not there.

An entry holds the accuracy and not the predictions: that is a function of them and of the data, which the key names.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from grader import wire
from grader.domain.plausible import can_come_of
from grader.domain.training import SeededRun, TrainingPlan

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
    return entry.kept if named and entry.kept.seconds >= 0 and can_come_of(plan, entry.kept.run) else None
