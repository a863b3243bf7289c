"""Reference solutions: files whose folder is the verdict that they must get, and where an assignment's lie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.domain.report import Outcome, Report, Verdict
from grader.settings import Settings

BUILT_IN_SOLUTIONS = Path(__file__).resolve().parents[1] / "reference_solutions"
OWN_SOLUTIONS = "_reference_solutions"
FOLDERS = {"accepted": Verdict.PASSED, "failed": Verdict.FAILED, "invalid": Verdict.INVALID}


@dataclass(frozen=True)
class ReferenceSolution:
    """A file whose folder is the verdict it must get; `caught_by` is the check or reason that must catch it."""

    slug: str
    path: Path
    verdict: Verdict
    caught_by: str | None

    def problem(self, report: Report) -> str | None:
        """How a report differs from what this solution must get; None when it does not."""
        if report.verdict is not self.verdict:
            return f"expected {self.verdict.value}, got {report.verdict.value}"
        if self.caught_by is None:
            return None
        failed = [check.id for check in report.checks if check.outcome is Outcome.FAILED]
        caught = report.reason.value if report.reason else (failed[0] if failed else "nothing")
        return (
            None
            if caught == self.caught_by
            else f"expected to be caught by {self.caught_by}, was by {caught}"
        )


def reference_solutions(root: Path, slug: str) -> Iterator[ReferenceSolution]:
    """Every solution of an assignment, in the order accepted, failed, invalid."""
    for folder, verdict in FOLDERS.items():
        for path in sorted((root / slug / folder).glob("*.py")):
            caught_by = None if verdict is Verdict.PASSED else named_in_docstring(path.read_bytes())
            yield ReferenceSolution(slug, path, verdict, caught_by)


def named_in_docstring(source: bytes) -> str | None:
    """The word before the colon in the first line: `layer_order` of `\"\"\"layer_order: no Dense at the end.\"\"\"`.

    Read from the first line's text, since a file may be broken on purpose; None where there is no such word.
    """
    first = source[:400].decode("utf-8", errors="replace").lstrip("\ufeff").split("\n", 1)[0]
    text = re.sub(r"^[rR]?[\"'#]+|[\"' ]+$", "", first.strip()).strip()
    word = text.partition(":")[0].strip()
    return word if word.isidentifier() and ":" in text else None


def solutions_of(slug: str, settings: Settings) -> Path:
    """Where an assignment's reference solutions are: beside the folder that it was loaded from."""
    own = [folder / OWN_SOLUTIONS for folder in settings.assignments_dir if (folder / slug).is_dir()]
    return own[-1] if own else BUILT_IN_SOLUTIONS


def folder_of(settings: Settings, slug: str) -> Path:
    """The folder that an assignment was loaded from."""
    return [folder / slug for folder in settings.assignments_dirs if (folder / slug).is_dir()][-1]
