"""`calibration.json` in an assignment's folder: what was measured, for whoever wants to check it or to grade by it.

It decides no verdict. `grader verify` refuses an assignment whose record says that chance decides too often, and one that
was made for another plan.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from grader import wire
from grader.domain.assignment import Assignment
from grader.domain.errors import AuthorError
from grader.domain.report import DatasetStamp
from grader.domain.training import PlanName, TrainingPlan
from workers.calibration.tail import Estimate
from workers.calibration.verdicts import HIGHEST, Sample, is_rare

FORMAT = 1
FILE = "calibration.json"


@dataclass(frozen=True)
class Measured:
    """One network on one data set. `accuracies` says how often each was reached, by its digits, over `seeds` from 0 on.

    `plan` is the sha256 of the assignment's plan, `wrong` the chance of a wrong verdict. `epochs` is how many were trained, on average.
    `ceiling` is what no seed exceeds, where that is proven.
    """

    part: str
    plan_name: PlanName
    plan: str
    data: DatasetStamp
    name: str
    is_right: bool
    seeds: int
    epochs: float
    accuracies: Mapping[str, int]
    wrong: Estimate
    ceiling: float | None = None

    @property
    def sample(self) -> Sample:
        """The accuracies one by one."""
        values = [float(value) for value, count in self.accuracies.items() for _ in range(count)]
        return Sample(np.array(values), self.is_right, self.ceiling)

    @property
    def is_fair(self) -> bool:
        """Whether the chance of a wrong verdict is small enough, its upper limit included."""
        return is_rare(self.wrong)

    @property
    def objection(self) -> str:
        """What chance would decide, in a sentence."""
        does = "fails" if self.is_right else "passes"
        return (
            f"{self.part}: {self.name} {does} with a probability of up to {self.wrong.high:.2g} "
            f"on the {self.data.origin} data; less than {HIGHEST:g} is asked for"
        )


@dataclass(frozen=True)
class Record:
    """All that was measured of an assignment, and with what."""

    measured: tuple[Measured, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def unfair(self) -> tuple[Measured, ...]:
        """Those that chance decides too often."""
        return tuple(each for each in self.measured if not each.is_fair)

    def on(self, data: Collection[DatasetStamp]) -> Record:
        """What was measured on just these data: what is true of some pictures is not of others with the same name."""
        return replace(self, measured=tuple(each for each in self.measured if each.data in data))

    def renewed(self, other: Record) -> Record:
        """This record with what was measured anew in the place of the old, for the same plans and data."""
        again = {(each.plan_name, each.data.origin) for each in other.measured}
        kept = [each for each in self.measured if (each.plan_name, each.data.origin) not in again]
        return replace(other, measured=(*kept, *other.measured))


def tally(accuracies: Iterable[float]) -> dict[str, int]:
    """How often each accuracy was reached, from the lowest on."""
    return {repr(value): count for value, count in sorted(Counter(accuracies).items())}


def plan_sha256(plan: TrainingPlan) -> str:
    """Names everything of a plan that a chance depends on."""
    told = wire.to_json(replace(plan, margin=0.0))
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def read_record(folder: Path) -> Record | None:
    """What was measured of the assignment in this folder, if anything; AuthorError for a damaged file."""
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        # It may be older than a key that it could hold today: hours of training are not thrown away for that.
        record = wire.from_json(Record, wire.parse(path.read_bytes()), complete=False)
    except (OSError, wire.WireError) as error:
        raise AuthorError(f"{path}: {error}; make it anew with `grader calibrate`") from error
    if not record.measured:
        raise AuthorError(f"{path}: nothing was measured; make it anew with `grader calibrate`")
    return record


def write_record(folder: Path, record: Record) -> None:
    """Put it in place at once, readable by people."""
    fresh = folder / f".{FILE}.new"
    fresh.write_text(json.dumps(wire.to_json(record), indent=1, ensure_ascii=False) + "\n", "utf-8")
    fresh.replace(folder / FILE)


def objections(assignment: Assignment, record: Record) -> list[str]:
    """Why an assignment must not be graded by, as far as its record tells: each a sentence.

    A record may hold data that nobody grades on here: ask `record.on(…)` about those that are.
    """
    told = []
    for name in assignment.plans:
        for part in assignment.under(name).parts:
            if part.plan is None:
                continue
            own = [each for each in record.measured if (each.part, each.plan_name) == (part.name, name)]
            if name is PlanName.CLASS and not own:
                told.append(f"{part.name}: its plan was never calibrated")
            told += [each.objection for each in own if not each.is_fair]
            wanted = plan_sha256(part.plan)
            if any(each.plan != wanted for each in own):
                told.append(f"{part.name}: its {name} plan is another one than was calibrated")
    return told
