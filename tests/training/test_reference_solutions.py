"""Every reference solution gets the verdict of its folder, from the check or reason that it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.domain.diagnosis import OF_NETWORKS, OF_TRAININGS, Seen, advice
from grader.domain.report import Verdict
from grader.services.source import read_source
from grader.settings import load_settings
from tests import chinese
from tests.causes.truth import truths
from workers.extract import SandboxExtractor
from workers.pipeline import open_pipeline
from workers.references import reference_solutions

pytestmark = [pytest.mark.sandbox, pytest.mark.training]

DIAGNOSED = {
    "traffic-dense/failed/flatten_last": "dense_on_a_picture",
    "traffic-conv/failed/dead_units": "shut_units",
    "mnist-dense/failed/dead_units": "shut_units",
    "mnist-elu/failed/never_learns": "shut_units",
}
"""What the rules of grader/domain/diagnosis.py say to these."""
ROOT = Path(__file__).resolve().parents[2] / "reference_solutions"
SOLUTIONS = [
    solution
    for slug in sorted(path.name for path in ROOT.iterdir() if path.is_dir())
    for solution in reference_solutions(ROOT, slug)
]


@pytest.fixture(scope="module")
def pipeline(data_of_all):
    """One pipeline for all, as `grader verify` has it."""
    settings = load_settings({}, data_dir=data_of_all, sandbox="bubblewrap")
    pipeline = open_pipeline(settings)
    yield pipeline
    pipeline.close()


@pytest.mark.parametrize("solution", SOLUTIONS, ids=lambda s: f"{s.slug}/{s.path.parent.name}/{s.path.stem}")
def test_the_folder_is_the_verdict(pipeline, solution):
    report = pipeline.grade_file(solution.slug, solution.path.read_bytes(), solution.path.name)
    assert solution.problem(report) is None, report.feedback
    assert chinese.faults(report, pipeline.catalog.assignments[solution.slug].words_in("zh")) == []
    if report.verdict is Verdict.PASSED:
        assert diagnoses(pipeline, solution, report) == []
    elif diagnosis := DIAGNOSED.get(solution.path.relative_to(ROOT).as_posix().removesuffix(".py")):
        assert f"diagnosis_{diagnosis}" in [
            told.params["why"].code if told.code == "why_and_what" else told.code for told in report.feedback
        ]
    if report.verdict is not Verdict.PASSED:
        assert truths()[solution.path.relative_to(ROOT).as_posix()].untold(report) == []


def diagnoses(pipeline, solution, report):
    """What the rules would say to each part of a submission, if they were asked."""
    assignment = pipeline.catalog.assignments[solution.slug]
    source = read_source(solution.path.read_bytes(), solution.path.name)
    models = SandboxExtractor(pipeline.sandbox).extract(source, assignment).parts
    plans = {part.name: part.plan for part in assignment.parts}
    seen = [
        Seen(models[part.name].model, plans[part.name], part.training) for part in report.parts if part.model
    ]
    return [told for told in (advice(each, OF_NETWORKS + OF_TRAININGS) for each in seen) if told]


@pytest.mark.parametrize("slug", sorted({solution.slug for solution in SOLUTIONS}))
def test_every_assignment_has_enough_of_each(slug):
    counts = {"accepted": 2, "failed": 4, "invalid": 2}
    for folder, least in counts.items():
        assert len([s for s in SOLUTIONS if s.slug == slug and s.path.parent.name == folder]) >= least


def test_every_failing_solution_names_what_catches_it():
    for solution in SOLUTIONS:
        empty_or_binary = solution.path.stat().st_size == 0
        if solution.path.parent.name != "accepted" and not empty_or_binary:
            assert solution.caught_by, solution.path
