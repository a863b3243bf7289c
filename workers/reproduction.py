"""Grades again what a report tells of: the same model or file, plan, data and seeds, with nothing kept from before.

A report is read as `grader grade --json` and the API give it; keys that are not needed may be missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from grader import wire
from grader.catalog import Catalog
from grader.domain.assignment import Assignment
from grader.domain.compiled import CompileSettings
from grader.domain.description import read_model
from grader.domain.errors import GraderError
from grader.domain.report import DatasetStamp, Report
from grader.domain.training import PlanName, TrainingChoice
from grader.messages import render_report
from grader.services.grading import Extraction, Fits, Handed, ModelExtractor, Trainer, fits_all, grade

SURROUNDINGS = ("grader", "python", "keras", "tensorflow", "numpy", "cpu", "cpu_features", "sandbox")
"""What of a provenance may explain another result, and is none itself."""


class UnreadableReport(ValueError):
    """The file is no report, or has not what is needed to grade it again; the text says what."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was."""

    what: str
    before: str
    now: str


@dataclass(frozen=True)
class Reproduced:
    """What came of grading again: differences in what was found, and in what it was found with."""

    report: Report
    results: tuple[Difference, ...]
    surroundings: tuple[Difference, ...]


@dataclass(frozen=True)
class Recorded:
    """What a report tells of its grading. `extraction` is None where it does not hold the model itself."""

    public: Mapping[str, Any]
    slug: str
    plan: PlanName
    datasets: Mapping[str, str]
    probe_seed: int | None
    extraction: Extraction | None

    @classmethod
    def read(cls, data: Any) -> Recorded:
        """From the JSON of a report; UnreadableReport for anything else."""
        try:
            return _read(data)
        except (AttributeError, KeyError, TypeError, ValueError, GraderError) as error:
            raise UnreadableReport(f"this is no report of a grading ({type(error).__name__})") from error


def reproduce(
    recorded: Recorded,
    catalog: Catalog,
    trainer: Trainer,
    *,
    source: str = "",
    extractor: ModelExtractor | None = None,
) -> Reproduced:
    """Grade again and compare; with an `extractor` from the source, else from the model that the report holds.

    UnreadableReport where the assignment is not here or the report holds no model; GraderFault for our own failure.
    """
    if recorded.slug not in catalog.assignments:
        raise UnreadableReport(f"there is no assignment {recorded.slug!r}{catalog.nearest(recorded.slug)}")
    assignment = catalog.assignments[recorded.slug].under(recorded.plan)
    report = grade(
        source,
        assignment,
        catalog.rubrics[recorded.slug],
        extractor=extractor or _HeldModels.of(recorded, assignment),
        trainer=trainer,
        pinned=recorded.datasets,
    )
    public = render_report(report)
    return Reproduced(
        report, tuple(_results(recorded.public, public)), tuple(_surroundings(recorded.public, public))
    )


@dataclass(frozen=True)
class _HeldModels:
    """An extractor that hands over what the report holds."""

    extraction: Extraction
    sandbox: str

    @classmethod
    def of(cls, recorded: Recorded, assignment: Assignment) -> _HeldModels:
        known = recorded.extraction.parts if recorded.extraction else {}
        missing = [part.name for part in assignment.parts if part.name not in known]
        if recorded.extraction is None or missing:
            raise UnreadableReport(
                "the report does not hold what was handed in: give the file as well, with --source"
            )
        return cls(recorded.extraction, str(recorded.public["provenance"]["sandbox"]))

    def extract(self, _source: str, _assignment: Assignment, _fits: Fits = fits_all) -> Extraction:
        return self.extraction


def _read(data: Any) -> Recorded:
    made = data["provenance"]
    stamp = made.get("dataset")
    datasets = {} if stamp is None else {stamp["name"]: wire.from_json(DatasetStamp, stamp).sha256}
    choice = wire.from_json(TrainingChoice, made.get("choice") or {}, complete=False)
    parts = {part["name"]: _handed(part) for part in data["parts"] if part.get("described")}
    return Recorded(
        public=data,
        slug=str(data["assignment"]),
        plan=PlanName(made.get("plan", PlanName.CLASS.value)),
        datasets=datasets,
        probe_seed=made.get("probe_seed"),
        extraction=Extraction(parts, choice) if parts else None,
    )


def _handed(part: Mapping[str, Any]) -> Handed:
    described = part["described"]
    model = read_model(described["network"])
    compiled = described.get("compiled")
    if compiled is not None:
        model = replace(model, compiled=wire.from_json(CompileSettings, compiled))
    return Handed(str(part["entry_point"]), model)


def _results(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    """Verdict, reason, score, every check, and every number of every run."""
    for name in ("verdict", "reason", "score"):
        yield from _compared(name, old[name], new[name])
    outcomes = [{check["id"]: check["outcome"] for check in report["checks"]} for report in (old, new)]
    for check in dict.fromkeys([*outcomes[0], *outcomes[1]]):
        yield from _compared(f"check {check}", outcomes[0].get(check), outcomes[1].get(check))
    before, now = _runs(old), _runs(new)
    for name in dict.fromkeys([*before, *now]):
        yield from _compared(name, before.get(name), now.get(name))


def _surroundings(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    """What the report was made with; what an older report does not tell is not compared."""
    pairs = [("assignment", old["assignment_version"], new["assignment_version"])]
    pairs += [(name, old["provenance"].get(name), new["provenance"][name]) for name in SURROUNDINGS]
    pairs += [("data", old["provenance"].get("dataset"), new["provenance"]["dataset"])]
    for name, before, now in pairs:
        if before:
            yield from _compared(name, before, now)


def _runs(report: Mapping[str, Any]) -> dict[str, Any]:
    """Every curve and accuracy by a name that people understand."""
    found: dict[str, Any] = {}
    for part in report["parts"]:
        for run in (part.get("training") or {}).get("runs", ()):
            name = f"{part['name']}, seed {run['seed']}"
            found |= {f"{name}: {metric}": curve for metric, curve in run["history"].items()}
            found[f"{name}: accuracy of the test"] = run["test_accuracy"]
    return found


def _compared(what: str, before: Any, now: Any) -> Iterator[Difference]:
    if before != now:
        yield Difference(what, _told(before), _told(now))


def _told(value: Any) -> str:
    return "nothing" if value is None else str(value)
