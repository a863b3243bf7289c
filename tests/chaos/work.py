"""What is handed in: small real scripts, each with the end that it must come to."""

from __future__ import annotations

from dataclasses import dataclass

from tests.bench import sources

TINY = "tiny"
MODEL = """from tensorflow.keras import Sequential
from tensorflow.keras.layers import Dense, Input
{first}

def build_model():
    {pause}
    return Sequential([Input((4,)), Dense({units}), Dense(1)])


# Of student {number}.
"""
BROKEN = "def build_model():\n    raise ValueError('of student {number}')\n"


@dataclass(frozen=True)
class Piece:
    """One submission, and what its report must say."""

    assignment: str
    source: str
    verdict: str
    score: float


def piece(number: int) -> Piece:
    """In turns: right, wrong, broken, right but slow, and one that is trained."""
    kind = number % 5
    if kind == 0:
        return Piece(sources.SLUG, sources.right(number), "passed", 10.0)
    if kind == 1:
        return Piece(TINY, BROKEN.format(number=number), "invalid", 0.0)
    units = 5 if kind == 2 else 3
    pause = "time.sleep(4)" if kind == 4 else ""
    text = MODEL.format(first="import time", pause=pause, units=units, number=number)
    return Piece(TINY, text, "passed", 10.0) if units == 3 else Piece(TINY, text, "failed", 0.0)
