"""The reference solutions, and what each of them must get."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOLUTIONS = ROOT / "reference_solutions"
VERDICTS = {"accepted": "passed", "failed": "failed", "invalid": "invalid"}
ALL, SAMPLE = "all", "sample"


@dataclass
class Try:
    """One reference solution on its way: what it must get, and what it got."""

    slug: str
    path: Path
    expected: str
    id: str = ""
    report: dict[str, Any] | None = field(default=None)

    @property
    def name(self) -> str:
        """Its file, below the folder of all of them."""
        return f"{self.slug}/{self.path.parent.name}/{self.path.name}"

    @property
    def right(self) -> bool:
        """Whether the verdict is the expected one."""
        return self.report is not None and self.report["verdict"] == self.expected


def reference_solutions() -> list[Try]:
    """Every reference solution, quick exercises first."""
    return [
        Try(slug.name, path, verdict)
        for slug in sorted(SOLUTIONS.iterdir(), reverse=True)
        for folder, verdict in VERDICTS.items()
        for path in sorted((slug / folder).glob("*.py"))
    ]


def chosen(tries: list[Try], wish: str) -> list[Try]:
    """`all` of them, a `sample` (of each exercise the first of each verdict), or the exercises of these names.

    Raises `ValueError` for a name that no exercise has.
    """
    if wish == ALL:
        return tries
    if wish == SAMPLE:
        first: dict[tuple[str, str], Try] = {}
        for each in tries:
            first.setdefault((each.slug, each.expected), each)
        return list(first.values())
    names = set(wish.replace(",", " ").split())
    unknown = sorted(names - {each.slug for each in tries})
    if unknown:
        known = ", ".join(sorted({each.slug for each in tries}))
        raise ValueError(
            f"DEMO={wish}: no exercise is called {unknown[0]}. Say all, sample, or some of: {known}"
        )
    return [each for each in tries if each.slug in names]
