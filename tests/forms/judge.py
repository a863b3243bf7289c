"""Grades a file as the service would, in a real sandbox, without training: what is looked at here is how code is written.

A network that comes so far is taken to learn: its canonical form is compared with that of a reference solution, and those
are trained by tests/training/test_reference_solutions.py. `make forms` trains the students' files as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from grader.catalog import Catalog
from grader.domain.canonical import canonical
from grader.domain.cause import first_cause
from grader.domain.description import read_model
from grader.domain.errors import StudentError
from grader.domain.report import DatasetStamp, Outcome, Report
from grader.domain.training import SeededRun, TrainingRun
from grader.messages import render
from grader.services.grading import grade
from grader.services.source import read_source
from tests.built_in import catalog
from workers.extract import SandboxExtractor
from workers.sandbox.base import Sandbox

SEED = 1
"""Of the numbers that functions are tried with."""


class LearnsAll:
    """A trainer whose every network gets everything right."""

    versions = {"keras": "none", "tensorflow": "none"}

    def dataset(self, name: str, sha256: str | None = None) -> DatasetStamp:
        """A stamp of no data."""
        return DatasetStamp(name, "synthetic", sha256 or "sha256:0")

    def train(self, model: Any, plan: Any, data: Any) -> TrainingRun:
        """One run of one epoch, without a mistake."""
        curves = dict.fromkeys(("accuracy", "val_accuracy"), (1.0,))
        run = SeededRun(0, 1, {"loss": (0.0,), "val_loss": (0.0,), **curves}, 1.0)
        return TrainingRun((run,), threshold=plan.threshold)


@dataclass(frozen=True)
class Seen:
    """What of a report two forms of one answer must have in common."""

    verdict: str
    failed: tuple[str, ...]
    cause: str | None
    forms: tuple[tuple[str, str], ...]
    compiled: tuple[tuple[str, str], ...]

    def difference(self, wanted: Seen) -> str:
        """In words, the weightiest first; "" where there is none."""
        for what in ("verdict", "failed", "cause", "forms", "compiled"):
            mine, other = getattr(self, what), getattr(wanted, what)
            if mine != other:
                return f"{what}: {mine} instead of {other}"
        return ""


def seen(report: Report) -> Seen:
    """What is compared of it."""
    networks = [(part.name, part.described) for part in report.parts if part.described]
    return Seen(
        report.verdict.value,
        tuple(check.id for check in report.checks if check.outcome is Outcome.FAILED),
        first_cause(report),
        tuple((name, canonical(read_model(it.network)).digest) for name, it in networks),
        tuple((name, repr(it.compiled)) for name, it in networks),
    )


def words(report: Report) -> list[str]:
    """The feedback, the notes, then what the failed checks say, in English."""
    told = [*report.feedback, *report.notes]
    told += [check.message for check in report.checks if check.message]
    return [render(one) for one in told]


class Judge:
    """Grades files; one thread at a time. `shelf` has the assignments, by default the built-in ones."""

    def __init__(self, sandbox: Sandbox, shelf: Catalog | None = None) -> None:
        self._shelf = shelf or catalog()
        self._extractor = SandboxExtractor(sandbox, seed=lambda: SEED)
        self._trainer = LearnsAll()

    def report(
        self, slug: str, data: bytes, file_name: str = "submission.py", cpu_seconds: float | None = None
    ) -> Report:
        """The report on the bytes of a file; `cpu_seconds` is a shorter limit than the assignment's."""
        assignment = self._shelf.assignments[slug]
        if cpu_seconds:
            assignment = replace(assignment, limits=replace(assignment.limits, cpu_seconds=cpu_seconds))
        try:
            source = read_source(data, file_name)
        except StudentError as error:
            return Report.invalid(slug, assignment.version, self._shelf.max_score(slug), error)
        return grade(
            source, assignment, self._shelf.rubrics[slug], extractor=self._extractor, trainer=self._trainer
        )
