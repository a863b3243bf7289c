"""Runs made here by numpy stand for what came out of a guest: right ones pass, and each slip fails in its own way."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from grader.checks import CheckFailed, expect
from grader.domain.message import message
from grader.domain.probe import GraphError, Mode, ProbeCase, ProbeKind, ProbePlan, ProbeRun, Tensor
from grader.messages import notation
from workers.probing import draw


def tensor(array):
    array = np.asarray(array, np.float32)
    return Tensor(array.shape, tuple(float(value) for value in array.reshape(-1)))


def mse(y_true, y_pred, factor=0.0):
    return ((y_true - y_pred) ** 2).mean() + factor * (y_pred**2).mean()


def slope(y_true, y_pred, factor=0.0):
    return (2 * (y_pred - y_true) + 2 * factor * y_pred) / y_pred.size


def losses(function=mse, gradient=slope):
    plan = ProbePlan(ProbeKind.LOSS_CLASS, ((4, 1), (2, 3, 2)), ({}, {"factor": 2.0}))
    cases = []
    for mode in Mode:
        for given in draw(plan, "test"):
            arrays = [np.array(one.values, np.float64).reshape(one.shape) for one in given.inputs]
            value, down = function(*arrays, **given.options), gradient(*arrays, **given.options)
            cases.append(ProbeCase(given, mode, tensor(np.mean(value)), (), tensor(down)))
    return ProbeRun(plan.kind, tuple(cases), "Loss")


def layers(change=lambda case: case):
    plan = ProbePlan(ProbeKind.LAYER_CLASS, ((3, 2),))
    (given,) = draw(plan, "test")
    first, second = (np.array(one.values).reshape(one.shape) for one in given.inputs)
    metrics = {"deviation": float((first.std() + second.std()) / 2)}
    case = ProbeCase(
        given,
        Mode.EAGER,
        tensor(second),
        (3, 2),
        tensor(second * 0 + 1.1),
        (float(second.sum() * 0.1),),
        metrics,
    )
    return ProbeRun(plan.kind, (change(case), change(replace(case, mode=Mode.GRAPH))))


def failure(check, *arguments):
    with pytest.raises(CheckFailed) as caught:
        check(*arguments)
    return caught.value


def test_the_right_loss():
    run = losses()
    expect.value_equal(run, mse)
    expect.same_in_graph(run)
    expect.gradient_equal(run, mse)


def test_one_number_for_each_sample_is_as_good():
    per_sample = losses(
        lambda y_true, y_pred, factor=0.0: ((y_true - y_pred) ** 2 + factor * y_pred**2).mean(-1)
    )
    expect.value_equal(per_sample, mse)


def test_a_wrong_number_names_its_case():
    found = failure(expect.value_equal, losses(lambda y_true, y_pred, factor=0.0: abs(y_true - y_pred)), mse)
    assert found.message.code == "wrong_value"
    assert found.message.params["case"] == message("case_direct", shape="(4, 1)")
    assert float(found.expected) != float(found.actual)


def test_a_factor_that_is_ignored_shows_where_there_is_one():
    run = losses(lambda y_true, y_pred, **_: mse(y_true, y_pred))
    expect.value_equal(run.by_default, mse)
    found = failure(expect.value_equal, run.with_options, mse)
    assert found.message.params["what"] == "Loss(factor=2)"


def test_well_known_slips_are_named():
    slips = {
        "a sum": lambda y_true, y_pred, **_: ((y_true - y_pred) ** 2).sum(),
        "no square": lambda y_true, y_pred, **_: (y_true - y_pred).mean(),
    }
    run = losses(lambda y_true, y_pred, **_: (y_true - y_pred).mean())
    assert failure(expect.value_equal, run, mse, slips).hint.params == {"slip": "no square"}
    assert failure(expect.value_equal, losses(lambda *_, **__: 3.0), mse, slips).hint is None


def test_the_axis_of_the_samples_must_stay():
    run = losses()
    kept = replace(
        run, cases=tuple(replace(case, returned=case.given.inputs[0].shape[:1]) for case in run.cases)
    )
    expect.value_equal(kept, mse)
    gone = replace(run, cases=tuple(replace(case, returned=(7, 4)) for case in run.cases))
    assert failure(expect.value_equal, gone, mse).message.code == "not_per_sample"


def test_no_gradient_and_a_wrong_one():
    run = losses()
    none = replace(run, cases=tuple(replace(case, gradient=None) for case in run.cases))
    assert failure(expect.gradient_equal, none, mse).message.code == "no_gradient"
    turned = losses(gradient=lambda *arrays, **options: -slope(*arrays, **options))
    found = failure(expect.gradient_equal, turned, mse)
    assert found.message.code == "wrong_gradient"
    assert " at [0, 0]" in notation(found.expected)


def test_numbers_that_are_not_finite_are_near_nothing():
    run = losses()
    broken = tuple(replace(case, value=Tensor((), (math.nan,))) for case in run.cases)
    assert failure(expect.value_equal, replace(run, cases=broken), mse).actual == message("not_finite")


def test_what_fails_in_the_graph_shows_the_students_line():
    run = losses()
    told = GraphError("AttributeError", "no attribute 'numpy'", 7)
    failing = tuple(
        ProbeCase(case.given, case.mode, error=told) if case.mode is Mode.GRAPH else case
        for case in run.cases
    )
    found = failure(expect.same_in_graph, replace(run, cases=failing))
    assert (found.message.code, found.message.params["line"]) == ("not_in_graph_line", 7)
    expect.gradient_equal(replace(run, cases=failing), mse)


def test_another_number_in_the_graph():
    run = losses()
    frozen = tuple(
        replace(case, value=Tensor((), (1.0,))) if case.mode is Mode.GRAPH else case for case in run.cases
    )
    assert failure(expect.same_in_graph, replace(run, cases=frozen)).message.code == "other_in_graph"


def test_the_right_layer():
    run = layers()
    expect.value_equal(run, lambda _, inputs: inputs)
    expect.losses_equal(run, lambda _, inputs: 0.1 * inputs.sum())
    expect.metric_equal(run, "deviation", lambda first, second: (first.std() + second.std()) / 2)
    expect.gradient_equal(run, lambda _, inputs: inputs.sum() + 0.1 * inputs.sum())
    expect.same_in_graph(run)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda case: replace(case, losses=()), "no_added_loss"),
        (lambda case: replace(case, losses=(3.0,)), "wrong_added_loss"),
        (lambda case: replace(case, losses=(math.nan,)), "wrong_added_loss"),
    ],
)
def test_slips_with_the_added_loss(change, code):
    found = failure(expect.losses_equal, layers(change), lambda _, inputs: 0.1 * inputs.sum())
    assert found.message.code == code


def test_slips_with_the_metric():
    found = failure(expect.metric_equal, layers(), "std", lambda *_: 1.0)
    assert (found.message.code, found.actual) == ("no_layer_metric", "deviation")
    assert (
        failure(expect.metric_equal, layers(), "deviation", lambda *_: 9.0).message.code
        == "wrong_layer_metric"
    )


def test_a_layer_that_changes_the_shape():
    flat = layers(lambda case: replace(case, value=Tensor((6,), case.value.values)))
    assert failure(expect.value_equal, flat, lambda _, inputs: inputs).actual == message(
        "of_shape", shape="(6,)"
    )
