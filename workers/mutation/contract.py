"""What each part of an assignment fixes about an answer, and which mutants its author lets pass: `mutants.yaml`.

    format: 1
    reference: document.py            # of the accepted solutions; the first of them where it is not said
    parts:                            # only those that fix something else than one exact network
      - {name: model, judges: [input, output, head, trainable, accuracy, budget]}
    exceptions:
      - {mutant: "model: use_bias: layer 1 Dense: False", reason: "the document leaves it open"}

The file stands in the assignment's folder, may be left out, and changes no verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.catalog import MUTANTS
from grader.domain.assignment import Assignment, Part
from grader.domain.probe import ProbeKind
from grader.strict_yaml import read_yaml
from workers.mutation.mutant import Aspect

FORMAT = 1

EXACT = frozenset({Aspect.INPUT, Aspect.OUTPUT, Aspect.HEAD, Aspect.LAYERS, Aspect.OPTIONS, Aspect.TRAINABLE})
"""What an exercise fixes that asks for one network."""

LOSS_FUNCTION = frozenset({Aspect.VALUE, Aspect.GRADIENT, Aspect.GRAPH})
LAYER_CLASS = LOSS_FUNCTION | {Aspect.ADDED_LOSS, Aspect.LAYER_METRIC}


@dataclass(frozen=True)
class PartContract:
    """What one part fixes."""

    name: str
    judges: tuple[Aspect, ...]


@dataclass(frozen=True)
class Excused:
    """A mutant that may survive, by its name, and why."""

    mutant: str
    reason: str


@dataclass(frozen=True)
class ContractForm:
    """`mutants.yaml` as authors write it."""

    format: int = FORMAT
    reference: str | None = None
    parts: tuple[PartContract, ...] = ()
    exceptions: tuple[Excused, ...] = ()


@dataclass(frozen=True)
class Contract:
    """What an assignment fixes, part by part; the name of its reference solution; reasons by mutant."""

    judges: Mapping[str, frozenset[Aspect]]
    reference: str | None = None
    exceptions: Mapping[str, str] = field(default_factory=dict)


def read_contract(assignment: Assignment, folder: Path) -> Contract:
    """The contract of an assignment by its folder; AuthorError, with the line, for a slip in its file."""
    usual = {part.name: _usual(part) for part in assignment.parts}
    path = folder / MUTANTS
    if not path.is_file():
        return Contract(usual)
    read = read_yaml(path, ContractForm, FORMAT)
    for place, part in enumerate(read.value.parts):
        if part.name not in usual:
            raise read.refuse(f"parts[{place}].name", f"{assignment.slug} has no part {part.name!r}")
    told = {part.name: frozenset(part.judges) for part in read.value.parts}
    reasons = {excused.mutant: excused.reason for excused in read.value.exceptions}
    return Contract({**usual, **told}, read.value.reference, reasons)


def _usual(part: Part) -> frozenset[Aspect]:
    if part.probe is not None:
        return LAYER_CLASS if part.probe.kind is ProbeKind.LAYER_CLASS else LOSS_FUNCTION
    return EXACT | {Aspect.ACCURACY} if part.plan else EXACT
