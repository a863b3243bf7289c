"""The judge with checks that are too weak in one place each: it must say which."""

from __future__ import annotations

import pytest

from grader.checks import Rubric, architecture_check, expect
from grader.domain.layers import Activation, Dense, Flatten
from grader.domain.model_spec import chain
from grader.messages import ENGLISH
from grader.services.grading import Extraction, Handed
from tests.built_in import catalog
from workers.mutation import mutant as mutants
from workers.mutation.contract import Contract
from workers.mutation.judge import Fate, Judge, Must
from workers.mutation.matrix import Tally, as_plain, page, problems
from workers.mutation.mutant import Aspect

NETWORK = (Dense(4), Activation("relu"), Dense(3), Activation("softmax"))
MODEL = chain((2,), *NETWORK)
EXACT = {Aspect.INPUT, Aspect.OUTPUT, Aspect.HEAD, Aspect.LAYERS, Aspect.OPTIONS, Aspect.TRAINABLE}


@architecture_check()
def right_input(model):
    """input"""
    expect.input_shape(model, (2,))


@architecture_check(needs=right_input)
def right_order(model):
    """order"""
    expect.layer_order(model, NETWORK)


@architecture_check(needs=right_order)
def right_settings(model):
    """settings"""
    expect.layer_settings(model, NETWORK)


@architecture_check()
def right_number(model):
    """parameters"""
    expect.params_equal(model, 27)


NO_TRAINER = None
"""None of these checks asks for a training."""


class Handing:
    """An extractor that was handed the model already."""

    sandbox = "none"

    def __init__(self, model):
        self._model = model

    def extract(self, source, assignment, fits=None):
        return Extraction({"model": Handed("build_model", self._model)})


def findings(*checks, judges=frozenset(EXACT), model=MODEL, exceptions=None):
    assignment = catalog().assignments["xor"]
    contract = Contract({"model": frozenset(judges)}, exceptions=exceptions or {})
    judge = Judge(assignment, {"model": Rubric(checks)}, contract, "", Handing(model), NO_TRAINER)
    return list(judge.findings())


def test_good_checks_catch_everything():
    found = findings(right_input, right_order, right_settings)
    assert not problems(found)
    tally = Tally.of(found)
    assert tally.mutants == tally.caught > 30
    assert tally.rewritings == tally.passed > 20
    assert tally.equivalent


def test_what_nobody_looks_at_survives():
    found = findings(right_input, right_order)
    survived = {finding.operator for finding in found if finding.fate is Fate.SURVIVED}
    assert survived == {"units", "use_bias", "frozen"}


def test_the_wrong_reason_is_no_catch():
    found = findings(right_number, right_input, right_order, right_settings)
    by_another = [finding for finding in found if finding.fate is Fate.BY_ANOTHER]
    assert {finding.check for finding in by_another} == {"right_number"}
    assert any("caught by another check by right_number (wrong_params)" in told for told in problems(found))


def test_checks_that_are_too_strict_refuse_rewritings():
    @architecture_check()
    def names(model):
        """names"""
        expect.layer_names(model, ["dense", "activation", "dense", "activation"])

    found = findings(names, right_input, right_order, right_settings)
    refused = [finding for finding in found if finding.fate is Fate.REFUSED]
    assert refused
    assert all(finding.must is Must.PASS for finding in refused)


def test_a_reference_that_fails_ends_it():
    found = findings(right_input, model=chain((3,), *NETWORK))
    assert [finding.operator for finding in found] == ["reference"]
    assert not found[0].as_should_be


def test_an_exception_needs_a_reason_to_be():
    name = next(
        finding.name for finding in findings(right_input, right_order) if finding.fate is Fate.SURVIVED
    )
    found = findings(right_input, right_order, exceptions={name: "left open"})
    (excused,) = [finding for finding in found if finding.fate is Fate.EXCUSED]
    assert excused.reason == "left open"
    assert problems(found, unused=["model: x"])[-1].startswith("mutants.yaml excuses")


def test_where_layers_are_free_the_ends_are_judged():
    @architecture_check(needs=right_input)
    def right_output(model):
        """output"""
        expect.output_shape(model, (3,))

    @architecture_check(needs=right_output)
    def right_end(model):
        """end"""
        expect.last_activation(model, "softmax")

    judges = {Aspect.INPUT, Aspect.OUTPUT, Aspect.HEAD}
    found = findings(right_input, right_output, right_end, judges=judges)
    assert not problems(found)
    free = [
        finding for finding in found if finding.change.startswith("layer 1") and finding.operator == "units"
    ]
    assert {finding.fate for finding in free} == {Fate.PASSED}


def test_what_is_too_big_is_refused_before_any_check():
    @architecture_check()
    def any_input(model):
        """input"""
        expect.input_shape(model, (64, 64))

    wide = chain((64, 64), Flatten(), Dense(4), Dense(1))
    found = findings(any_input, judges={Aspect.INPUT, Aspect.BUDGET}, model=wide)
    big = [finding for finding in found if finding.operator == "too big"]
    assert [(finding.check, finding.fate) for finding in big] == [("too_big", Fate.CAUGHT)]


def test_too_few_mutants_are_a_problem():
    found = findings(right_input, judges={Aspect.INPUT})
    assert any("at least 8 are needed" in told for told in problems(found))


def test_every_code_is_a_message():
    for codes in mutants.MEANT.values():
        assert codes <= set(ENGLISH)
    assert set(ENGLISH) >= mutants.ORDER


def test_the_figures_for_people_and_for_scripts():
    found = findings(right_input, right_order)
    plain = as_plain({"xor": found}, {"xor": problems(found)})
    assert plain["ok"] is False
    assert plain["assignments"][0]["slug"] == "xor"
    assert len(plain["assignments"][0]["findings"]) == len(found)
    text = page({"xor": found})
    assert "| operator | mutants |" in text
    assert text.endswith("\n")


@pytest.mark.parametrize("fate", list(Fate))
def test_every_fate_has_a_name(fate):
    assert fate.value
