"""Every student's file, trained by the class plan: the half of `make forms` that tells whether right answers pass."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from rich.progress import track

from grader.settings import load_settings
from tests import chinese
from tests.students.expected import Student, students
from workers.pipeline import open_pipeline


def graded_otherwise(chosen: Sequence[Student] | None = None) -> list[str]:
    """A line for each file whose report is not what it must be; prints how many were graded."""
    asked = students() if chosen is None else chosen
    bad = []
    with tempfile.TemporaryDirectory(prefix="grader-forms-") as scratch:
        settings = load_settings({}, data_dir=Path(scratch), sandbox="bubblewrap")
        with closing(open_pipeline(settings)) as pipeline:
            for one in track(asked, "students", disable=not sys.stderr.isatty()):
                report = pipeline.grade_file(one.slug, one.path.read_bytes(), one.path.name)
                words = pipeline.catalog.assignments[one.slug].words_in("zh")
                if problem := one.problem(report) or "; ".join(chinese.faults(report, words)):
                    bad.append(f"tests/students/files/{one.name}: {problem}")
    right = sum(one.verdict == "passed" for one in asked)
    print(
        f"{len(asked)} files of students, {right} of them right: {len(bad)} come out otherwise than they must"
    )
    return bad
