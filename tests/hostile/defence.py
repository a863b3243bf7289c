"""A defence as a row of the table declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.hostile.switching import Change


@dataclass(frozen=True)
class Defence:
    """What is promised, the changes that switch it off, the case that notices, and part of what the failure says.

    Where two stand for each other, `off` has both and `together` says so. `warm`: in a guest that is kept;
    `after_honest`: somebody honest was graded in it before. `worker_dies`: the worker is killed while the case runs.
    `limits` replace those of the exercise, `trainer` those of the trainer, so that a row without its defence ends soon.
    """

    name: str
    promise: str
    off: tuple[Change, ...]
    case: str
    says: str
    together: str = ""
    warm: bool = False
    after_honest: bool = False
    worker_dies: bool = False
    limits: Mapping[str, float] = field(default_factory=dict)
    trainer: Mapping[str, float] = field(default_factory=dict)
