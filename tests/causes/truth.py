"""What truly stands in the way of each wrong answer of this project, and whether a report says it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.domain.report import Report
from grader.messages import render
from tests.students.expected import FILES

REFERENCES = Path(__file__).resolve().parents[2] / "reference_solutions"
TABLE = Path(__file__).with_name("truths.tsv")
KINDS = {
    "activation": "another activation, or none",
    "compile": "what the model is compiled with",
    "entry": "what is handed in: no function, another result, another file's module",
    "exception": "an error of Python or Keras, most often a slip in a name",
    "extra layer": "a layer too many",
    "file": "a file that is no program",
    "limit": "time, memory, output, size",
    "missing layer": "a layer too few",
    "names": "names of layers, inputs, metrics",
    "order": "a layer in another place, or another layer in its place",
    "output": "what comes out: its shape, which outputs",
    "setting": "another number or word in a layer",
    "shape": "the shape that goes in, colours first, too little left",
    "syntax": "Python cannot read it",
    "training": "it does not learn",
    "value": "numbers that a loss or layer of one's own gives",
}


@dataclass(frozen=True)
class Truth:
    """A wrong answer: of which kind, patterns that the feedback must have (all) and patterns that it must not have (any)."""

    name: str
    kind: str
    says: tuple[str, ...]
    never: tuple[str, ...]

    @property
    def slug(self) -> str:
        """The assignment that it answers."""
        return self.name.partition("/")[0]

    @property
    def path(self) -> Path:
        """Where it lies: a reference solution has its verdict's folder in its name, a student's file has not."""
        return (REFERENCES if self.name.count("/") > 1 else FILES) / self.name

    def untold(self, report: Report) -> list[str]:
        """What a student is not told of it, or told wrongly, in the feedback alone: empty where the truth is told."""
        told = "\n".join(map(render, report.feedback))
        missing = [f"does not say {one}" for one in self.says if not re.search(one, told)]
        return missing + [f"says {one}" for one in self.never if re.search(one, told)]


@cache
def truths() -> dict[str, Truth]:
    """All of them, by name."""
    rows = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    return {row[0]: _read(row) for row in rows}


def _read(row: list[str]) -> Truth:
    name, kind, *patterns = row
    never = tuple(one[1:] for one in patterns if one.startswith("!"))
    return Truth(name, kind, tuple(one for one in patterns if not one.startswith("!")), never)
