"""What custom-layers asks for. A layer sees two batches; its value and its loss are those of the second."""

from __future__ import annotations

from typing import Any

from grader.checks import expect, probe_check
from grader.domain.probe import ProbeRun


def same(_: Any, inputs: Any) -> Any:
    return inputs


def added_loss(_: Any, inputs: Any) -> Any:
    return 0.1 * inputs.sum()


def mean_of_deviations(first: Any, second: Any) -> Any:
    return (first.std() + second.std()) / 2


@probe_check(points=1, part="regularization")
def regularization_passes_on(run: ProbeRun) -> None:
    """the regularization layer gives back what it gets"""
    expect.value_equal(run, same)


@probe_check(points=3, part="regularization", needs=regularization_passes_on)
def adds_loss(run: ProbeRun) -> None:
    """it adds a loss of 0.1 times the sum of its inputs"""
    expect.losses_equal(run, added_loss)


@probe_check(points=1, part="regularization", needs=adds_loss)
def loss_trains(run: ProbeRun) -> None:
    """its loss works inside tf.function and has a gradient"""
    expect.same_in_graph(run)
    expect.gradient_equal(run, lambda _, inputs: inputs.sum() + added_loss(_, inputs))


@probe_check(points=1, part="logging")
def logging_passes_on(run: ProbeRun) -> None:
    """the logging layer gives back what it gets"""
    expect.value_equal(run, same)


@probe_check(points=3, part="logging", needs=logging_passes_on)
def logs_deviation(run: ProbeRun) -> None:
    """its metric std_of_activation is the mean of the batches' standard deviations"""
    expect.metric_equal(run, "std_of_activation", mean_of_deviations)


@probe_check(points=1, part="logging", needs=logs_deviation)
def logging_trains(run: ProbeRun) -> None:
    """it works inside tf.function and lets the gradient through"""
    expect.same_in_graph(run)
    expect.gradient_equal(run, same)
