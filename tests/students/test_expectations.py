"""The table of expectations and the files beside it belong together, and there are enough of each kind."""

from __future__ import annotations

from collections import Counter

from tests.built_in import catalog
from tests.students.expected import FILES, students


def test_every_file_has_its_line_and_every_line_its_file():
    files = {path.relative_to(FILES).as_posix() for path in FILES.glob("*/*")}
    assert files == {one.name for one in students()}


def test_there_are_enough_of_each():
    verdicts = Counter(one.verdict for one in students())
    assert verdicts["passed"] >= 35
    assert verdicts["failed"] + verdicts["invalid"] >= 25
    assert {one.slug for one in students()} == set(catalog().assignments)
