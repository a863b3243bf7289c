"""Accuracies that a wrong network cannot exceed, whatever its seed: `ceilings.yaml` in an assignment's folder.

    format: 1
    ceilings:
      - solution: failed/colour_alone.py
        dataset: sha256:…                 # of the very data it was proven on; calibration.json has it
        accuracy: 0.774
        because: no plane between the pictures' mean colours has more of them on their side

A sample leaves room for luck beyond it, and many thousand seeds would be needed to close it; a proof does at once. The file may
be left out, and changes no verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.catalog import CEILINGS
from grader.domain.report import DatasetStamp
from grader.strict_yaml import read_yaml

FORMAT = 1


@dataclass(frozen=True)
class Ceiling:
    """What a solution, by folder and file name, cannot exceed on the data of this hash, in [0, 1], and why."""

    solution: str
    dataset: str
    accuracy: float
    because: str


@dataclass(frozen=True)
class CeilingsForm:
    """`ceilings.yaml` as authors write it."""

    format: int = FORMAT
    ceilings: tuple[Ceiling, ...] = ()


def read_ceilings(folder: Path) -> Sequence[Ceiling]:
    """Those of an assignment by its folder; AuthorError, with the line, for a slip in its file."""
    path = folder / CEILINGS
    if not path.is_file():
        return ()
    read = read_yaml(path, CeilingsForm, FORMAT)
    for place, each in enumerate(read.value.ceilings):
        if not 0 <= each.accuracy <= 1:
            raise read.refuse(f"ceilings[{place}].accuracy", "is a share, from 0 to 1")
    return read.value.ceilings


def ceiling_of(names: Sequence[str], data: DatasetStamp, ceilings: Sequence[Ceiling]) -> float | None:
    """The lowest that holds for a network, by the names of solutions that give it, on these data."""
    found = [each.accuracy for each in ceilings if each.solution in names and each.dataset == data.sha256]
    return min(found, default=None)
