"""Every reference solution gets the verdict of its folder, from the check or reason that it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.settings import load_settings
from workers.cli.authoring import reference_solutions
from workers.pipeline import open_pipeline

pytestmark = [pytest.mark.sandbox, pytest.mark.training]

ROOT = Path(__file__).resolve().parents[2] / "reference_solutions"
SOLUTIONS = [
    solution
    for slug in sorted(path.name for path in ROOT.iterdir() if path.is_dir())
    for solution in reference_solutions(ROOT, slug)
]


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    """One pipeline for all, as `grader verify` has it."""
    settings = load_settings({}, data_dir=tmp_path_factory.mktemp("data"), sandbox="bubblewrap")
    pipeline = open_pipeline(settings)
    yield pipeline
    pipeline.close()


@pytest.mark.parametrize("solution", SOLUTIONS, ids=lambda s: f"{s.slug}/{s.path.parent.name}/{s.path.stem}")
def test_the_folder_is_the_verdict(pipeline, solution):
    report = pipeline.grade_file(solution.slug, solution.path.read_bytes(), solution.path.name)
    assert solution.problem(report) is None, report.feedback


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
