from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from grader.domain.assignment import Assignment, EntryPoint, Part
from grader.domain.training import (
    OPTIMIZERS,
    Borderline,
    FullTraining,
    PlanName,
    SeededRun,
    Stopping,
    TrainingChoice,
    TrainingPlan,
    TrainingRun,
)

LIGHT = TrainingPlan(
    "digits", 4, 128, "sgd", "x", 0.1, samples=6000, threshold=0.9, optimizer_options={"momentum": 0.9}
)


def test_the_full_plan_uses_all_samples_and_is_long() -> None:
    full = FullTraining(epochs=20, threshold=0.97).applied_to(LIGHT)
    assert (full.epochs, full.threshold, full.samples, full.long) == (20, 0.97, None, True)
    assert (full.batch_size, full.learning_rate, full.optimizer_options) == (128, 0.1, {"momentum": 0.9})


def test_the_full_plan_trains_to_its_last_epoch() -> None:
    stopping = Stopping(accuracy=0.9, patience=3, rows=10)
    early = TrainingPlan("digits", 4, 128, "sgd", "x", validation_split=0.2, stopping=stopping)
    full = FullTraining(validation_split=0.0).applied_to(early)
    assert (full.stopping, full.validation_split) == (None, 0.0)


@pytest.mark.parametrize(
    ("split", "samples", "available", "stops"),
    [
        (0.2, 0, 600, True),
        (0.2, 0, 500, True),
        (0.2, 0, 495, False),
        (0.0, 100, 150, True),
        (0.0, 99, 150, False),
    ],
)
def test_a_plan_stops_early_where_enough_rows_judge(
    split: float, samples: int, available: int, stops: bool
) -> None:
    stopping = Stopping(accuracy=0.9, patience=3, rows=100)
    plan = TrainingPlan(
        "d", 4, 8, "adam", "x", validation_split=split, validation_samples=samples, stopping=stopping
    )
    used = plan.on(available)
    assert (used.stopping is not None) is stops
    assert bool(used.validation_split or used.validation_samples) is stops


def test_samples_are_never_more_than_there_are() -> None:
    assert [LIGHT.samples_of(available) for available in (60_000, 100)] == [6000, 100]
    assert TrainingPlan("d", 1, 1, "adam", "x").samples_of(7) == 7


def test_another_optimizer_does_not_get_the_first_ones_options() -> None:
    assert TrainingChoice(optimizer="adam").applied_to(LIGHT).optimizer_options == {}
    assert TrainingChoice(optimizer="sgd", epochs=2).applied_to(LIGHT).optimizer_options == {"momentum": 0.9}


def test_the_learning_rate_is_no_option_of_an_optimizer() -> None:
    assert OPTIMIZERS["sgd"] == {"momentum", "nesterov"}


@pytest.mark.parametrize(("plan", "epochs"), [(PlanName.CLASS, 4), (PlanName.DOCUMENT, 20)])
def test_an_assignment_under_a_plan(plan: PlanName, epochs: int) -> None:
    full = FullTraining(epochs=20).applied_to(LIGHT)
    part = Part("model", EntryPoint("build_model"), (784,), LIGHT, full_plan=full)
    chosen = Assignment("a", "A", "v", "", "", (part,)).under(plan)
    assert chosen.parts[0].plan is not None
    assert (chosen.plan, chosen.parts[0].plan.epochs) == (plan, epochs)


def test_an_assignment_with_one_plan_keeps_it() -> None:
    only = Assignment("a", "A", "v", "", "", (Part("model", EntryPoint("f"), (784,), LIGHT),))
    assert only.plans == (PlanName.CLASS,)
    assert only.under(PlanName.DOCUMENT) is only


def test_medians_over_runs() -> None:
    runs = tuple(
        SeededRun(seed, 1, {"accuracy": (value,)}, value) for seed, value in enumerate((0.5, 1.0, 0.75))
    )
    run = TrainingRun(runs)
    assert (run.final("accuracy"), run.test_accuracy) == (0.75, 0.75)
    assert TrainingRun((SeededRun(0, 1, {"accuracy": (None,)}),)).final("accuracy") == 0.0


NEAR_A_HALF = TrainingPlan(
    "d", 1, 1, "adam", "x", seeds=(0, 1, 2, 3, 4), threshold=0.5, borderline=Borderline(0.1, 0.05)
)


def runs_of(*accuracies: float) -> list[SeededRun]:
    return [SeededRun(seed, 1, {"accuracy": (0.0,)}, value) for seed, value in enumerate(accuracies)]


@pytest.mark.parametrize(
    ("accuracies", "more"),
    [
        ([], 1),
        ([0.56], 0),
        ([0.55], 1),  # the band's upper end is in it
        ([0.4], 0),  # its lower end is not
        ([0.41], 1),
        ([0.51, 0.9], 0),
        ([0.51, 0.5], 1),  # at the threshold is not above it
        ([0.51, 0.5, 0.2], 0),
        ([0.49, 0.3], 0),
        ([0.49, 0.9], 1),
    ],
)
def test_a_first_run_in_the_band_does_not_decide_alone(accuracies: list[float], more: int) -> None:
    assert NEAR_A_HALF.least_more(runs_of(*accuracies)) == more


@pytest.mark.parametrize(
    ("training", "test", "more"),
    [
        (0.95, 0.2, 1),  # it knows its training pictures, and none of the test
        (0.95, 0.4, 1),
        (0.949, 0.2, 0),
        (None, 0.2, 0),
        (1.0, 0.56, 0),  # clearly above needs no other
        (1.0, None, 0),  # without a test there is nothing that it could fall short of
    ],
)
def test_what_has_learnt_and_falls_short_is_trained_again(
    training: float | None, test: float | None, more: int
) -> None:
    run = SeededRun(0, 2, {"accuracy": (1.0, training)}, test)
    assert NEAR_A_HALF.least_more([run]) == more
    assert replace(NEAR_A_HALF, borderline=None, seeds=(0,)).least_more([run]) == 0


def test_runs_agree_or_they_do_not() -> None:
    def agree(*values: float) -> bool:
        return TrainingRun(tuple(runs_of(*values)), threshold=0.5).agree

    assert [agree(0.4), agree(0.4, 0.5, 0.2), agree(0.6, 0.9), agree(0.4, 0.6, 0.2)] == [
        True,
        True,
        True,
        False,
    ]


def test_as_many_runs_are_asked_for_as_cannot_be_spared() -> None:
    wide = replace(NEAR_A_HALF, borderline=Borderline(0.1, 0.05, runs=5))
    assert [wide.least_more(runs_of(*values)) for values in ([], [0.6], [0.51], [0.51, 0.4], [0.51] * 3)] == [
        1, 0, 2, 2, 0,
    ]  # fmt: skip
    assert replace(wide, borderline=None).least_more(runs_of(0.9, 0.9)) == 3


def test_without_a_band_all_seeds_are_trained() -> None:
    plan = replace(NEAR_A_HALF, borderline=None)
    assert plan.least_more(runs_of(0.9, 0.9, 0.9, 0.9)) == 1
    assert plan.least_more(runs_of(0.9, 0.9, 0.9, 0.9, 0.9)) == 0
    assert [plan.most_runs, NEAR_A_HALF.most_runs] == [5, 3]


def test_whatever_ends_it_early_has_the_verdict_of_all_its_runs() -> None:
    for values in product((0.45, 0.52, 0.9), repeat=3):
        runs = runs_of(*values)
        enough = next(count for count in (1, 2, 3) if not NEAR_A_HALF.least_more(runs[:count]))
        if enough > 1:
            assert (TrainingRun(tuple(runs[:enough])).accuracy > 0.5) is (sorted(values)[1] > 0.5)


def test_a_run_counts_by_its_test_or_else_by_its_last_epoch() -> None:
    curve = {"accuracy": (0.2, 0.7)}
    assert SeededRun(0, 2, curve).accuracy == 0.7
    assert SeededRun(0, 2, curve, 0.4).accuracy == 0.4
    assert SeededRun(0, 2, {"accuracy": (0.2, None)}).accuracy == 0.0
    assert TrainingRun((SeededRun(0, 2, curve), *runs_of(0.1, 0.3))).accuracy == 0.3
