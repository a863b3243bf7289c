"""Random models, rewritten and mutated: Keras says of each pair what the rules say, without `canonical`."""

from __future__ import annotations

import random

import pytest

from grader.domain.layers import ShapeError
from tests.equivalence.judge import difference
from tests.random_models import keras_model, network, spec
from tests.rewriting import MUTATIONS, RULES, operands_moved, results

pytestmark = pytest.mark.training

# Which Dense belongs to which is not seen in the order of layers once branches change places; the pairs have these.
KEEPING_ORDER = [rule for rule in RULES if rule is not operands_moved]


def judged(one, other, seed=0):
    built = [keras_model(spec(pieces)) for pieces in (one, other)]
    return difference(*(model for model, _ in built), layers=[layers for _, layers in built], seed=seed)


@pytest.mark.parametrize("rule", KEEPING_ORDER, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("seed", range(3))
def test_keras_sees_one_function_behind_every_rewriting(rule, seed):
    rng = random.Random(f"{rule.__name__} {seed}")
    pieces, found = [], []
    while not found:
        pieces = network(rng)
        found = list(results(rule, pieces))
    assert judged(pieces, rng.choice(found)) == ""


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
@pytest.mark.parametrize("seed", range(3))
def test_keras_tells_every_mutation_apart(mutation, seed):
    rng = random.Random(f"{mutation.__name__} {seed}")
    while True:
        pieces = network(rng)
        found = list(results(mutation, pieces))
        if not found:
            continue
        changed = rng.choice(found)
        try:
            _ = spec(changed).shapes
        except ShapeError:
            continue
        # With some weights nothing gets through a network's ReLUs, and nothing can be told.
        assert any(judged(pieces, changed, weights) for weights in range(3))
        return
