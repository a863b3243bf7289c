"""A sample of what `make forms` grades whole: every form once, several in a file, and files of students.

Both are here since both wait for the same guest to have imported TensorFlow.
"""

from __future__ import annotations

import pytest

from tests.forms.matrix import FORMS, ROWS, Grader, bundles, pairs, singles
from tests.students.expected import students
from workers.sandbox.base import Mode
from workers.sandbox.bubblewrap import BubblewrapSandbox

pytestmark = pytest.mark.sandbox

BUNDLES = bundles()
EVERY = 5
"""So many students' files are graded here by turns; all of them by `make forms`."""


@pytest.fixture(scope="module")
def grader():
    grader = Grader(lambda: BubblewrapSandbox(mode=Mode.FORKSERVER))
    yield grader
    grader.close()


@pytest.mark.parametrize("case", BUNDLES, ids=lambda case: case.name)
def test_many_forms_in_one_file_change_nothing(grader, case):
    result = grader.result(case)
    assert not result.fault, (result.told, case.draft().text())


@pytest.mark.parametrize("student", students()[::EVERY], ids=lambda it: it.name)
def test_a_students_file_gets_its_verdict(grader, student):
    report = grader.judge.report(student.slug, student.path.read_bytes(), student.path.name)
    assert not student.problem(report)


def test_the_sample_has_every_form():
    assert {it.name for case in BUNDLES for it in case.forms} == set(FORMS)


def test_every_form_can_be_written_for_every_row_that_has_it():
    cases = [*singles(), *pairs(10)]
    assert all(case.draft().data() for case in cases)
    assert len(ROWS) == 20
    assert len(FORMS) >= 25


def test_the_same_seed_writes_the_same_files():
    again, other = (bundles(seed) for seed in (2026, 2027))
    assert [case.draft().data() for case in again] == [case.draft().data() for case in BUNDLES]
    assert [case.name for case in other] != [case.name for case in BUNDLES]
