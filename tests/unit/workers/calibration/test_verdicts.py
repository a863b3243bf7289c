from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from grader.domain.training import Borderline, SeededRun, TrainingPlan, TrainingRun
from workers.calibration.verdicts import Sample, is_undecided

ALONE = TrainingPlan("d", 1, 1, "adam", "x", threshold=0.5)
THREE = replace(ALONE, seeds=(0, 1, 2))
BAND = replace(ALONE, seeds=(0, 1, 2, 3, 4), borderline=Borderline(0.06, 0.04))
WIDE = replace(BAND, borderline=Borderline(0.3, 0.3, 5))
VALUES = np.round(np.random.default_rng(3).normal(0.55, 0.05, 400), 3)


def simulated(values: np.ndarray, plan: TrainingPlan, *, right: bool) -> float:
    """The share of wrong verdicts when graded as the trainer does, with runs drawn from the sample."""
    rng, wrong, many = np.random.default_rng(4), 0, 4000
    drawn = rng.choice(values, (many, plan.most_runs))
    for row in drawn:
        runs: list[SeededRun] = []
        for value in row:
            runs.append(SeededRun(0, 1, {}, float(value)))
            if not plan.least_more(runs):
                break
        wrong += (TrainingRun(tuple(runs)).accuracy > 0.5) is not right
    return wrong / many


@pytest.mark.parametrize("plan", [ALONE, THREE, BAND, WIDE], ids=["alone", "three", "band", "wide"])
@pytest.mark.parametrize("right", [True, False])
def test_the_formula_is_what_grading_does(plan: TrainingPlan, right: bool) -> None:
    values = VALUES if right else 1 - VALUES
    told = Sample(values, right).wrong_verdict(plan)
    assert told.value == pytest.approx(simulated(values, plan, right=right), abs=0.02)
    assert told.low < told.value < told.high


def test_a_band_is_worth_nearly_what_three_runs_are() -> None:
    one, three, band = (Sample(VALUES, True).wrong_verdict(plan).value for plan in (ALONE, THREE, BAND))
    assert band < one
    assert band == pytest.approx(three, abs=0.01)
    assert Sample(VALUES, True).close(BAND) == pytest.approx(((VALUES > 0.44) & (VALUES <= 0.54)).mean())
    assert Sample(VALUES, True).close(ALONE) == 0


@pytest.mark.parametrize(("value", "right"), [(0.56, True), (0.22, False)])
def test_what_never_varies_is_no_chance(value: float, right: bool) -> None:
    assert Sample(np.full(60, value), right).wrong_verdict(ALONE).high == 0


def test_always_perfect_is_known_only_as_well_as_it_was_counted() -> None:
    """An accuracy of 1 may be that of a network which nearly always gets there: XOR has four points."""
    perfect = Sample(np.ones(650), True)
    assert perfect.wrong_verdict(ALONE).value == 0
    assert perfect.wrong_verdict(ALONE).high == pytest.approx(0.00566, abs=1e-4)
    assert perfect.wrong_verdict(THREE).high < 1e-3


def test_never_varying_on_the_wrong_side_is_certain() -> None:
    assert Sample(np.full(60, 0.4), True).wrong_verdict(ALONE).value == 1
    assert Sample(np.full(60, 0.6), False).wrong_verdict(THREE).value == 1


def test_few_seeds_of_a_wrong_network_do_not_decide_and_more_do() -> None:
    """Ten accuracies far below the threshold leave room for one in a thousand beyond it; a hundred of them do not."""
    rng = np.random.default_rng(7)
    ten, hundred = (Sample(np.round(rng.normal(0.35, 0.02, many), 3), is_right=False) for many in (10, 100))
    assert is_undecided(ten.wrong_verdict(ALONE))
    assert not is_undecided(hundred.wrong_verdict(ALONE))
    assert not is_undecided(Sample(VALUES, is_right=False).wrong_verdict(ALONE)), "it is decided: not rare"


def test_a_wrong_network_that_cannot_pass_never_does() -> None:
    """However far its sample reaches; a right one is judged by its sample all the same."""
    known = Sample(VALUES - 0.1, is_right=False, ceiling=0.5)
    assert Sample(VALUES - 0.1, is_right=False).wrong_verdict(ALONE).high > 0
    assert known.wrong_verdict(ALONE).high == 0
    assert Sample(VALUES - 0.1, is_right=False, ceiling=0.51).wrong_verdict(ALONE).high > 0
    assert Sample(VALUES - 0.1, is_right=True, ceiling=0.5).wrong_verdict(ALONE).value > 0
