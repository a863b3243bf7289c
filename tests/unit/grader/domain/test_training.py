from __future__ import annotations

import pytest

from grader.domain.assignment import Assignment, EntryPoint, Part
from grader.domain.training import (
    OPTIMIZERS,
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
