from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.domain.assignment import Assignment, EntryPoint, Part
from grader.domain.errors import Reason, StudentError
from grader.domain.probe import GraphError, Mode, ProbeKind, ProbePlan
from workers.probing import STEPS, Drawn, draw, frame, read_run

PLAN = ProbePlan(ProbeKind.LOSS_CLASS, ((2, 1), (2, 3)), ({}, {"factor": 0.5}))
CASES = draw(PLAN, "1/loss")
GOOD = {
    "value": {"shape": [], "values": [0.25]},
    "returned": [2],
    "gradient": {"shape": [2], "values": [0.5, None]},
    "losses": [1, 2.5],
    "metrics": {"deviation": 0.5},
}
KEYS = ["shape", "values", "error", "text", "line"]
FAILING = {"error": {"error": "TypeError", "text": "no number. And much advice.", "line": 3}}


def claim(first=GOOD, graph=GOOD):
    return {"cases": [first, *[GOOD] * 3, graph, *[GOOD] * 3]}


def test_every_shape_with_every_option():
    assert [(case.inputs[0].shape, dict(case.options)) for case in CASES] == [
        ((2, 1), {}),
        ((2, 3), {}),
        ((2, 1), {"factor": 0.5}),
        ((2, 3), {"factor": 0.5}),
    ]


def test_the_seed_alone_decides_the_numbers():
    assert draw(PLAN, "1/loss") == CASES
    assert draw(PLAN, "2/loss") != CASES
    numbers = [number for case in CASES for tensor in case.inputs for number in tensor.values]
    assert len(set(numbers)) > len(numbers) / 2
    assert all(-2 <= number <= 2 for number in numbers)


def test_numbers_survive_json_and_float32():
    for number in CASES[0].inputs[0].values:
        assert (number * STEPS).is_integer()
    assert json.loads(json.dumps(frame(PLAN, CASES)))["cases"][1]["inputs"][0]["values"] == list(
        CASES[1].inputs[0].values
    )


def test_a_run_is_read_in_our_order():
    run = read_run(PLAN, CASES, claim())
    assert [case.mode for case in run.cases] == [Mode.EAGER] * 4 + [Mode.GRAPH] * 4
    assert tuple(case.given for case in run.cases) == CASES * 2
    first = run.cases[0]
    assert first.value.values == (0.25,)
    assert first.losses == (1.0, 2.5)
    assert first.metrics == {"deviation": 0.5}
    assert math.isnan(first.gradient.values[1])


def test_no_gradient_is_told_from_a_gradient():
    assert read_run(PLAN, CASES, claim({**GOOD, "gradient": None})).cases[0].gradient is None


def test_an_error_in_the_graph_stands_beside_its_case():
    run = read_run(PLAN, CASES, claim(graph=FAILING))
    assert run.cases[4].error == GraphError("TypeError", "no number", 3)
    assert run.cases[4].value is None


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        {},
        {"cases": [GOOD]},
        {"cases": [None] * 8},
        claim(FAILING),
        claim({**GOOD, "value": {"shape": [], "values": []}}),
        claim({**GOOD, "value": {"shape": [2], "values": [1.0, 2.0]}}),
        claim({**GOOD, "value": {"shape": [-1], "values": [1.0]}}),
        claim({**GOOD, "value": {"shape": [], "values": ["1"]}}),
        claim({**GOOD, "value": {"shape": [], "values": [True]}}),
        claim({**GOOD, "gradient": {"shape": [5000], "values": [0.0] * 5000}}),
        claim({**GOOD, "losses": [0.0] * 17}),
        claim({**GOOD, "metrics": {str(n): 0.0 for n in range(17)}}),
        claim({**GOOD, "metrics": [0.5]}),
        claim({**GOOD, "returned": [1] * 9}),
        claim({name: value for name, value in GOOD.items() if name != "losses"}),
        claim(graph={"error": "TypeError"}),
    ],
)
def test_what_is_no_run_is_refused(wrong):
    with pytest.raises(StudentError) as caught:
        read_run(PLAN, CASES, wrong)
    assert caught.value.reason is Reason.BAD_RESULT


def test_parts_do_not_share_their_numbers():
    part = Part("one", EntryPoint("f"), (), probe=replace(PLAN, kind=ProbeKind.LAYER_CLASS))
    model = Part("model", EntryPoint("g"), (4,))
    assignment = Assignment("a", "A", "v", "", "", (part, replace(part, name="two"), model))
    drawn = Drawn.of(assignment, 7)
    assert drawn.cases["one"] != drawn.cases["two"]
    assert drawn.frame(model) == {}
    assert drawn.frame(part)["probe"]["kind"] == "layer_class"
    assert drawn.read(part, claim()).name == "f"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**19), 10**19) | st.floats() | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inside, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from([*GOOD, "error"]), JSON)
def test_any_json_is_read_or_refused(key, value):
    try:
        run = read_run(PLAN, CASES, claim(graph={**GOOD, key: value}))
    except StudentError:
        return
    assert len(run.cases) == 8
