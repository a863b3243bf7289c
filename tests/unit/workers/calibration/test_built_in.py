"""What was measured of our own assignments, on the synthetic data and on the real, lets chance hardly ever decide."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.settings import BUILT_IN_ASSIGNMENTS
from tests.built_in import catalog
from workers.calibration.record import Measured, objections, read_record

ASSIGNMENTS = catalog().assignments
JUDGED = [
    slug
    for slug, each in ASSIGNMENTS.items()
    if any(part.plan and part.plan.threshold is not None for part in each.parts)
]
UNFAIR = {("happy-house", "real")}
"""Data on which no threshold is fair: the file of 150 faces. `grader verify` refuses to grade on them, `grader data import` warns."""

PAGE = Path(__file__).parents[4] / "docs" / "calibration.md"
QUICK = ("traffic-dense", "traffic-conv", "traffic-pool", "traffic-dropout", "traffic-test")


@pytest.mark.parametrize("slug", JUDGED)
def test_chance_hardly_ever_decides(slug: str) -> None:
    record = read_record(BUILT_IN_ASSIGNMENTS / slug)
    assert record is not None
    fair = tuple(each for each in record.measured if (slug, each.data.origin) not in UNFAIR)
    assert objections(ASSIGNMENTS[slug], replace(record, measured=fair)) == []
    right = [each for each in record.measured if each.is_right]
    assert {each.data.origin for each in right} in ({"synthetic", "real"}, {"exact"})
    assert {each.data.origin for each in record.measured if not each.is_right} == {
        each.data.origin for each in right
    }
    assert min(each.seeds for each in right) >= (650 if slug in QUICK else 60)


@pytest.mark.parametrize(("slug", "origin"), UNFAIR)
def test_where_chance_does_decide_the_record_says_so(slug: str, origin: str) -> None:
    record = read_record(BUILT_IN_ASSIGNMENTS / slug)
    assert record is not None
    assert {each.data.origin for each in record.unfair} == {origin}
    assert any(each.is_right for each in record.unfair)


def row(slug: str, one: Measured) -> str:
    """A line of the page's table."""
    values = one.sample.accuracies
    numbers = " | ".join(f"{number:.3f}" for number in (values.min(), values.mean(), values.max()))
    network = one.name.replace("mutant: ", "mutant, ")
    chance = f"{one.wrong.value:.1e} (at most {one.wrong.high:.1e})"
    return f"| {slug} | {network} | {one.data.origin} | {one.seeds} | {numbers} | {one.epochs:g} | {chance} |"


@pytest.mark.parametrize("slug", JUDGED)
def test_the_page_shows_its_figures(slug: str) -> None:
    record = read_record(BUILT_IN_ASSIGNMENTS / slug)
    assert record is not None
    lines = PAGE.read_text("utf-8").splitlines()
    assert [row(slug, one) for one in record.measured if row(slug, one) not in lines] == []


@pytest.mark.parametrize("slug", JUDGED)
def test_its_figures_follow_from_its_samples(slug: str) -> None:
    record = read_record(BUILT_IN_ASSIGNMENTS / slug)
    assert record is not None
    plan = ASSIGNMENTS[slug].parts[0].plan
    assert plan is not None
    for each in record.measured:
        found = each.sample.wrong_verdict(plan)
        assert (found.value, found.high) == pytest.approx((each.wrong.value, each.wrong.high), rel=1e-6)
