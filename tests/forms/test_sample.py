"""A sample of what `make forms` grades whole: every form once, several in a file; what leniencies must not let pass;
files of students.

All of it is here since all of it waits for the same guest to have imported TensorFlow.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.catalog import load_catalog
from grader.domain.cause import first_cause
from tests.causes.truth import truths
from tests.forms.judge import Judge, words
from tests.forms.leniencies import NOT_PASSED, PASSED, data_of
from tests.forms.matrix import FORMS, ROWS, Grader, bundles, pairs, singles
from tests.students.expected import students
from workers.sandbox.base import Mode
from workers.sandbox.bubblewrap import BubblewrapSandbox

pytestmark = pytest.mark.sandbox

OWN = Path(__file__).resolve().parent / "assignments"
BUNDLES = bundles()
EVERY_STUDENT, EVERY_STOP, EVERY_KEPT = 11, 41, 8
"""Every so-manieth is graded here; all of them by `make forms`."""


@pytest.fixture(scope="module")
def sandbox():
    sandbox = BubblewrapSandbox(mode=Mode.FORKSERVER)
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="module")
def grader(sandbox):
    return Grader(lambda: sandbox)


@pytest.mark.parametrize("case", BUNDLES, ids=lambda case: case.name)
def test_many_forms_in_one_file_change_nothing(grader, case):
    result = grader.result(case)
    assert not result.fault, (result.told, case.draft().text())


@pytest.mark.parametrize("name", sorted(NOT_PASSED)[::EVERY_STOP])
def test_a_network_without_the_layer_that_failed_does_not_pass(grader, name):
    slug, cells = NOT_PASSED[name]
    report = grader.judge.report(slug, *data_of(cells))
    assert (report.verdict, first_cause(report) is None) == ("invalid", False), words(report)


@pytest.mark.parametrize("name", sorted(PASSED)[::EVERY_KEPT])
def test_what_stops_behind_a_right_network_takes_nothing_from_it(grader, name):
    slug, cells = PASSED[name]
    report = grader.judge.report(slug, *data_of(cells))
    assert report.verdict == "passed", words(report)


UNTRAINED = [it for it in students() if it.name not in truths() or truths()[it.name].kind != "training"]
"""Here every network learns; those whose training decides are in `make causes` and `make forms`."""


@pytest.mark.parametrize("student", UNTRAINED[::EVERY_STUDENT], ids=lambda it: it.name)
def test_a_students_file_gets_its_verdict(grader, student):
    report = grader.judge.report(student.slug, student.path.read_bytes(), student.path.name)
    assert not student.problem(report)
    if student.name in truths():
        assert truths()[student.name].untold(report) == []


RIGHT, OTHER = (
    f"import keras\nmodel = keras.Sequential([keras.Input((4,)), keras.layers.Dense({n})])" for n in (3, 5)
)


@pytest.mark.parametrize(("cells", "verdict"), [((RIGHT, OTHER), "failed"), ((OTHER, RIGHT), "passed")])
def test_a_hidden_check_chooses_no_candidate(sandbox, cells, verdict):
    judge = Judge(sandbox, load_catalog([OWN]))
    assert judge.report("two-candidates", *data_of(cells)).verdict == verdict


def test_the_sample_has_every_form():
    assert {it.name for case in BUNDLES for it in case.forms} == set(FORMS)


def test_every_form_can_be_written_for_every_row_that_has_it():
    cases = [*singles(), *pairs(2)]
    assert all(case.draft().data() for case in cases)
    assert len(ROWS) == 20
    assert len(FORMS) >= 25


def test_the_same_seed_writes_the_same_files():
    again, other = (bundles(seed) for seed in (2026, 2027))
    assert [case.draft().data() for case in again] == [case.draft().data() for case in BUNDLES]
    assert [case.name for case in other] != [case.name for case in BUNDLES]
