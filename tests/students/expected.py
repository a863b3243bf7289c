"""What each file of tests/students/files must get, and how a report differs from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from grader.domain.cause import first_cause
from grader.domain.report import Report
from grader.messages import render

HERE = Path(__file__).resolve().parent
FILES = HERE / "files"


@dataclass(frozen=True)
class Student:
    """A file in a student's words. `cause` is how the first cause begins, `note` a pattern that a note has."""

    name: str
    verdict: str
    cause: str = ""
    note: str = ""

    @property
    def slug(self) -> str:
        """The assignment that it answers."""
        return self.name.partition("/")[0]

    @property
    def path(self) -> Path:
        """Where it lies."""
        return FILES / self.name

    def problem(self, report: Report) -> str:
        """How a report differs from what this file must get; "" where it does not."""
        cause = first_cause(report) or ""
        notes = [render(note) for note in report.notes]
        told = f"({cause}: {' | '.join(map(render, report.feedback))})"
        if report.verdict.value != self.verdict:
            return f"{report.verdict.value} instead of {self.verdict} {told}"
        if not cause.startswith(self.cause):
            return f"another first cause than {self.cause} {told}"
        if self.note and not any(re.search(self.note, note) for note in notes):
            return f"no note like {self.note}: {notes}"
        return ""


def students() -> list[Student]:
    """All of them, by name."""
    table = yaml.safe_load((HERE / "expectations.yaml").read_text("utf-8"))
    return [Student(name, **wanted) for name, wanted in table.items()]
