"""What custom-loss asks for."""

from __future__ import annotations

from typing import Any

from grader.checks import expect, probe_check
from grader.domain.probe import ProbeRun


def mse(y_true: Any, y_pred: Any, regularization_factor: float = 0.0) -> Any:
    """The references, in numpy; with a factor it is what CustomMSE gives."""
    return ((y_true - y_pred) ** 2).mean() + regularization_factor * ((0.5 - y_pred) ** 2).mean()


def custom_mse(y_true: Any, y_pred: Any, regularization_factor: float = 0.1) -> Any:
    return mse(y_true, y_pred, regularization_factor)


SLIPS = {
    "the difference is not squared": lambda y_true, y_pred, **_: (y_true - y_pred).mean(),
    "the absolute value in place of the square": lambda y_true, y_pred, **_: abs(y_true - y_pred).mean(),
    "a sum in place of the mean": lambda y_true, y_pred, **_: ((y_true - y_pred) ** 2).sum(),
    "a sum over the last axis": lambda y_true, y_pred, **_: ((y_true - y_pred) ** 2).sum(-1),
    "the regularization is missing": lambda y_true, y_pred, **_: mse(y_true, y_pred),
    "the factor is always 0.1": lambda y_true, y_pred, **_: mse(y_true, y_pred, 0.1),
    "the factor is not used": lambda y_true, y_pred, **_: mse(y_true, y_pred, 1.0),
}


@probe_check(points=2, part="function")
def function_value(run: ProbeRun) -> None:
    """the function gives the mean of the squared differences"""
    expect.value_equal(run, mse, SLIPS)


@probe_check(points=2, part="function", needs=function_value)
def function_trains(run: ProbeRun) -> None:
    """the function works inside tf.function and lets the gradient through"""
    expect.same_in_graph(run)
    expect.gradient_equal(run, mse)


@probe_check(points=2, part="class")
def class_value(run: ProbeRun) -> None:
    """CustomMSE() gives the squared error and a tenth of the regularization"""
    expect.value_equal(run.by_default, custom_mse, SLIPS)


@probe_check(points=2, part="class", needs=class_value)
def class_factor(run: ProbeRun) -> None:
    """CustomMSE(regularization_factor=…) weighs the regularization"""
    expect.value_equal(run.with_options, custom_mse, SLIPS)


@probe_check(points=2, part="class", needs=class_value)
def class_trains(run: ProbeRun) -> None:
    """the class works inside tf.function and lets the gradient through"""
    expect.same_in_graph(run)
    expect.gradient_equal(run, custom_mse)
