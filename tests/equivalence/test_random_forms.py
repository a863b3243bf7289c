"""Random models: whatever the rules may rewrite has one form, and whatever they may not has another."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grader.domain.canonical import canonical
from grader.domain.description import plain_model, read_model
from grader.domain.layers import (
    Activation,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Identity,
    MaxPooling2D,
    ReLU,
    ShapeError,
)
from grader.domain.model_spec import chain
from tests.fuzz.respelled import merging_graph, respelled
from tests.random_models import network, spec
from tests.rewriting import MUTATIONS, RULES, results, rewritten

MOST = 5
RANDOM = st.randoms(use_true_random=False)


def form(pieces, **names):
    return canonical(spec(pieces, **names))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@settings(max_examples=20, deadline=None)
@given(rng=RANDOM)
def test_each_rule_keeps_the_form(rule, rng):
    pieces = network(rng)
    found = list(results(rule, pieces))
    for changed in rng.sample(found, min(len(found), MOST)):
        assert form(changed, name="other") == form(pieces)


@settings(max_examples=50, deadline=None)
@given(rng=RANDOM, steps=st.integers(1, 12))
def test_all_rules_together_keep_the_form_and_its_digest(rng, steps):
    pieces = network(rng)
    changed = rewritten(pieces, rng, steps)
    assert form(changed) == form(pieces)
    assert form(changed).digest == form(pieces).digest


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
@settings(max_examples=20, deadline=None)
@given(rng=RANDOM, steps=st.integers(0, 6))
def test_each_mutation_is_another_form(mutation, rng, steps):
    pieces = network(rng)
    found = list(results(mutation, pieces))
    assume(found)
    changed = rewritten(rng.choice(found), rng, steps)
    try:
        other = form(changed)
    except ShapeError:
        assume(False)
    assert other != form(pieces)
    assert other.digest != form(pieces).digest


@settings(max_examples=20, deadline=None)
@given(rng=RANDOM)
def test_shapes_are_those_of_the_model(rng):
    model = spec(network(rng))
    found = canonical(model)
    assert found.shapes[found.outputs[0]] == model.output_shapes[0]


CONV = Conv2D(filters=4, kernel_size=(3, 3))
NOTHING = st.sampled_from([Identity(), Activation("linear"), Dropout(0.0)])
LAYER = st.sampled_from(
    [CONV, MaxPooling2D(), ReLU(), Dropout(0.3), Activation("tanh"), Activation("sigmoid")]
)


def form_of(*layers):
    return canonical(chain((64, 64, 3), *layers))


@settings(deadline=None)
@given(st.lists(LAYER, max_size=4), st.lists(st.tuples(st.integers(0, 4), NOTHING), max_size=3))
def test_layers_that_do_nothing_leave_the_form(layers, nothings):
    padded = list(layers)
    for place, nothing in nothings:
        padded.insert(min(place, len(padded)), nothing)
    assert form_of(*layers) == form_of(*padded)


@settings(deadline=None)
@given(st.lists(LAYER, max_size=5))
def test_the_form_of_a_form_is_itself(layers):
    once = form_of(*layers).layers
    assert once is not None
    assert form_of(*once).layers == once


@settings(deadline=None)
@given(st.lists(LAYER, min_size=1, max_size=4), st.integers(0, 3))
def test_a_dense_layer_more_is_always_seen(layers, place):
    assert form_of(*layers, Flatten(), Dense(5)) != form_of(
        *layers[:place], *layers[place:], Flatten(), Dense(5), Dense(5)
    )


def test_operands_without_an_order_have_one_form_whoever_shares_their_weights():
    """One in fifty of these graphs had several forms, where layers that look alike differ by who else uses their weights."""
    for seed in range(400):
        random = Random(seed)
        model = read_model(merging_graph(random))
        other = read_model(respelled(plain_model(model), random))
        assert canonical(other).digest == canonical(model).digest, seed
