"""Random networks: every rewriting passes the comparison, and no mutation does."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grader.checks import CheckFailed, expect
from grader.domain.layers import ShapeError
from tests.random_models import network, spec
from tests.rewriting import MUTATIONS, results, rewritten

RANDOM = st.randoms(use_true_random=False)


def looked_at(model, asked):
    expect.layer_order(model, asked)
    expect.layer_settings(model, asked)


@settings(max_examples=40, deadline=None)
@given(rng=RANDOM, steps=st.integers(0, 8))
def test_every_spelling_of_the_asked_network_passes(rng, steps):
    pieces = network(rng)
    looked_at(spec(rewritten(pieces, rng, steps), name="own"), spec(pieces))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
@settings(max_examples=15, deadline=None)
@given(rng=RANDOM, steps=st.integers(0, 4))
def test_every_mutation_fails_with_one_first_line(mutation, rng, steps):
    pieces = network(rng)
    found = list(results(mutation, pieces))
    assume(found)
    model = spec(rewritten(rng.choice(found), rng, steps))
    try:
        _ = model.shapes
    except ShapeError:
        assume(False)
    with pytest.raises(CheckFailed) as caught:
        looked_at(model, spec(pieces))
    if caught.value.diff is not None:
        assert [line.first for line in caught.value.diff].count(True) == 1
