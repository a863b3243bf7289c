"""What a guest says about functions and classes that it ran, about `compile`, and about a beginner's slips."""

from __future__ import annotations

import json

import pytest

from grader.domain.assignment import Assignment, EntryPoint, Part
from grader.domain.compiled import optimizer
from grader.domain.errors import Reason, StudentError
from grader.domain.probe import Mode, ProbeKind, ProbePlan
from grader.messages import render_lines
from workers.extract import SandboxExtractor
from workers.sandbox.base import Finished

PROBE = Part("loss", EntryPoint("my_loss"), (), probe=ProbePlan(ProbeKind.LOSS_FUNCTION, ((2, 1), (2, 3))))
MODEL = Part("model", EntryPoint("build_model"), (4,), delayed_build=True)
CASE = {
    "value": {"shape": [], "values": [0.5]},
    "returned": [],
    "gradient": None,
    "losses": [],
    "metrics": {},
}
RUN = {"name": "loss", "entry_point": "my_loss", "probe": {"cases": [CASE] * 4}}
NETWORK = {
    "layers": [{"kind": "InputLayer", "name": "in", "trainable": True, "options": {"shape": [4]}}],
    "nodes": [{"layer": 0, "inputs": []}],
    "inputs": [0],
    "outputs": [0],
    "built_for_you": True,
    "name": "my_sequential",
}
BUILT = {
    "name": "model",
    "entry_point": "build_model",
    "model": NETWORK,
    "compiled": {"optimizer": {"class": "Adam", "options": {}}, "loss": None, "metrics": []},
}


class Listening:
    """A sandbox whose guest hears a job and says just this."""

    name = "listening"
    degraded = ()

    def __init__(self, claim):
        self.claim, self.jobs = {"format": 1, "training": None, "notes": [], **claim}, []

    def run(self, job, limits):
        self.jobs.append(job)
        return Finished(claim=json.dumps(self.claim).encode())


def extract(sandbox, *parts, seed=7):
    extractor = SandboxExtractor(sandbox, seed=lambda: seed)
    return extractor.extract("", Assignment("a", "A", "v", "", "", parts))


def told(error, *parts):
    with pytest.raises(StudentError) as caught:
        extract(Listening({"error": error}), *(parts or (PROBE,)))
    return caught.value


def test_models_and_probes_side_by_side():
    sandbox = Listening({"parts": [BUILT, RUN]})
    found = extract(sandbox, MODEL, PROBE)
    assert found.probe_seed == 7
    assert [len(found.probes["loss"].run.of(mode)) for mode in Mode] == [2, 2]
    model = found.parts["model"].model
    assert (model.name, model.compiled.optimizer) == ("my_sequential", optimizer("adam"))
    assert found.notes == ()
    asked = [part.get("probe") for part in sandbox.jobs[0]["parts"]]
    assert asked[0] is None
    assert [one["inputs"][0]["shape"] for one in asked[1]["cases"]] == [[2, 1], [2, 3]]


def test_without_a_probe_there_is_no_seed():
    assert extract(Listening({"parts": [BUILT]}), MODEL).probe_seed is None


def test_every_run_draws_anew():
    jobs = []
    for _ in range(2):
        sandbox = Listening({"parts": [RUN]})
        SandboxExtractor(sandbox).extract("", Assignment("a", "A", "v", "", "", (PROBE,)))
        jobs.append(sandbox.jobs[0]["parts"][0]["probe"])
    assert jobs[0] != jobs[1]


@pytest.mark.parametrize(
    "item",
    [
        BUILT,
        {**RUN, "probe": None},
        {**RUN, "entry_point": "other"},
        {**RUN, "entry_point": ["my_loss"]},
        None,
        "x",
    ],
)
def test_a_part_that_is_something_else_is_refused(item):
    with pytest.raises(StudentError) as caught:
        extract(Listening({"parts": [item]}), PROBE)
    assert caught.value.reason is Reason.BAD_RESULT


def test_the_case_stands_beside_the_error():
    params = {
        "error": "ValueError",
        "text": "no",
        "trace": "line 3",
        "case": "my_loss: (2, 1)",
    }
    error = told({"reason": "bad_code", "code": "exception_in_code", "params": params, "location": None})
    assert render_lines(error.messages).splitlines()[-1] == "This happened with my_loss: (2, 1)."


def test_a_class_that_is_not_there():
    params = {"wanted": "Mine", "found": "", "nearest": None}
    error = told({"reason": "bad_result", "code": "no_such_class", "params": params, "location": None})
    assert render_lines(error.messages) == "There is no class Mine in your file. Classes found: none."
    near = told({"reason": "bad_result", "code": "no_such_class", "params": {**params, "nearest": "mine"}})
    assert "rename it?" in render_lines(near.messages)


def exception(**slip):
    params = {"error": "NameError", "text": "name 'mode' is not defined", "trace": "line 3: mode", **slip}
    return told({"reason": "bad_code", "code": "exception_in_code", "params": params, "location": None})


def test_a_slip_stands_between_the_error_and_its_lines():
    lines = render_lines(exception(slip="slip_name", name="mode", near="model").messages).splitlines()
    assert lines[1:] == ["Did you mean model? There is nothing called mode at this point.", "line 3: mode"]


@pytest.mark.parametrize("slip", [{"slip": "looks_good"}, {"slip": ["slip_name"]}, {"slip": 3}])
def test_a_slip_that_nobody_knows_is_left_out(slip):
    assert [one.code for one in exception(**slip).messages] == ["exception_in_code", "python_other", "traced"]


def test_a_slip_without_its_words_is_a_disturbed_claim():
    assert exception(slip="slip_name").reason is Reason.BAD_RESULT
