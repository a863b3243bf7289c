"""Submissions as students send them: real reference solutions, each with words of its own, so that no two texts are equal."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

SOLUTIONS = Path(__file__).resolve().parents[2] / "reference_solutions"
SLUG = "traffic-dense"
SHARES = {"right": 0.60, "wrong": 0.25, "broken": 0.10, "endless": 0.05}
FOLDERS = {"right": "accepted", "wrong": "failed", "broken": "invalid"}
VERDICTS = {"right": "passed", "wrong": "failed", "broken": "invalid", "endless": "invalid"}
SEED = 4711
ENDLESS = '''"""Waits for an accuracy that never comes."""


def build_model():
    accuracy = 0.0
    while accuracy < 0.99:
        accuracy = accuracy * 0.5
    return accuracy
'''


@dataclass(frozen=True)
class Piece:
    """One submission and the verdict that it must get."""

    kind: str
    source: str

    @property
    def verdict(self) -> str:
        """What the report must say."""
        return VERDICTS[self.kind]


def right(number: int) -> str:
    """A right traffic-dense, in one of a few spellings, with a text of its own."""
    return _personal(_texts("accepted"), number)


def reference(slug: str, name: str = "*") -> str:
    """An accepted solution of an exercise; the first where it does not matter which."""
    return min((SOLUTIONS / slug / "accepted").glob(f"{name}.py")).read_text("utf-8")


def storm(count: int, *, endless: bool = True) -> list[Piece]:
    """`count` pieces in the shares above, in an order of chance that is always the same; without loops they are fewer."""
    pieces = []
    for kind, share in SHARES.items():
        texts = [ENDLESS] if kind == "endless" else _texts(FOLDERS[kind])
        pieces += [Piece(kind, _personal(texts, number)) for number in range(round(count * share))]
    random.Random(SEED).shuffle(pieces)
    return [piece for piece in pieces if endless or piece.kind != "endless"]


def happy_house(number: int, *, is_small: bool = False) -> str:
    """A right Happy House; the first forty are forty networks, like the documents' and as large, or a quarter of that."""
    filters, size = (6 if is_small else 22) + number // 2 % 20, (7, 5)[number % 2]
    document = (SOLUTIONS / "happy-house" / "accepted" / "document.py").read_text("utf-8")
    changed = document.replace("Conv2D(32, (7, 7)", f"Conv2D({filters}, ({size}, {size})")
    if changed == document and (filters, size) != (32, 7):
        raise RuntimeError("the reference solution of the Happy House has changed")
    return changed


def _texts(folder: str) -> list[str]:
    texts = [path.read_text("utf-8") for path in sorted((SOLUTIONS / SLUG / folder).glob("*.py"))]
    return [text for text in texts if text.strip()]


def _personal(texts: list[str], number: int) -> str:
    return f"{texts[number % len(texts)]}\n\n# Try number {number + 1}.\n"
