from __future__ import annotations

import pytest

from grader.domain.probe import Mode, ProbeCase, ProbeInputs, ProbeKind, ProbePlan, ProbeRun, Tensor

ONE = Tensor((1,), (0.5,))


@pytest.mark.parametrize(
    ("plan", "keys"),
    [
        (ProbePlan(ProbeKind.LOSS_FUNCTION, ((4, 3),)), []),
        (ProbePlan(ProbeKind.LOSS_CLASS, ((4, 3),), ({}, {"factor": 0.5})), []),
        (ProbePlan(ProbeKind.LOSS_FUNCTION, ()), ["shapes", "options"]),
        (ProbePlan(ProbeKind.LOSS_FUNCTION, ((100, 100),)), ["shapes"]),
        (ProbePlan(ProbeKind.LOSS_FUNCTION, ((4, 0),)), ["shapes"]),
        (ProbePlan(ProbeKind.LOSS_FUNCTION, ((-4, -2),)), ["shapes"]),
        (ProbePlan(ProbeKind.LOSS_FUNCTION, ((2,),), ({"factor": 1.0},)), ["options"]),
        (ProbePlan(ProbeKind.LAYER_CLASS, ((2,),) * 5, ({},) * 5), ["options"]),
        (ProbePlan(ProbeKind.LAYER_CLASS, ((2,),), low=1.0, high=1.0), ["low"]),
        (ProbePlan(ProbeKind.LAYER_CLASS, ((2,),), high=float("nan")), ["low"]),
    ],
)
def test_an_authors_slips_are_named(plan, keys):
    assert [key for key, _ in plan.slips()] == keys


def test_numbers_and_shape_belong_together():
    with pytest.raises(ValueError, match="2 numbers of shape"):
        Tensor((3,), (1.0, 2.0))


def test_cases_by_mode_and_by_options():
    plain, heavy = ProbeInputs((ONE, ONE)), ProbeInputs((ONE, ONE), {"factor": 2.0})
    cases = tuple(ProbeCase(given, mode, ONE) for mode in Mode for given in (plain, heavy))
    run = ProbeRun(ProbeKind.LOSS_CLASS, cases)
    assert [case.given for case in run.of(Mode.GRAPH)] == [plain, heavy]
    assert [case.mode for case in run.by_default.cases] == [Mode.EAGER, Mode.GRAPH]
    assert {case.given.options["factor"] for case in run.with_options.cases} == {2.0}
