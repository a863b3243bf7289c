"""Which layers are renewed, from which of their uses, and what that costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from grader.domain.canonical import canonical
from grader.domain.layers import Add, BatchNormalization, Conv2D, Dense, Flatten, InputLayer, Layer
from grader.domain.layers.work import work
from grader.domain.model_spec import ModelSpec, NamedLayer, Node, chain
from workers.training.moments import Moments, pooled
from workers.training.normalized import normalized, renewing, sweeps

CONV = Conv2D(filters=4, kernel_size=(3, 3), padding="same")
NORMAL = BatchNormalization()
TWO = chain((8, 8, 4), CONV, NORMAL, CONV, NORMAL, Flatten(), Dense(1))
SHAPE = (8, 8, 4)
NORMALIZED, CONVOLVED, ADDED = work(NORMAL, (SHAPE,)), work(CONV, (SHAPE,)), work(Add(), (SHAPE, SHAPE))


def kinds(model: ModelSpec, found: dict[int, list[int]]) -> list[str]:
    steps = canonical(model).steps
    return [steps[place].layer.kind for places in found.values() for place in places]


def used_twice(*layers: Layer) -> ModelSpec:
    """These layers in a row, and once more on what they gave; then a Dense."""
    named = tuple(
        NamedLayer(f"layer_{place}", layer) for place, layer in enumerate((InputLayer((8, 8, 4)), *layers))
    )
    again = [*range(1, len(named)), *range(1, len(named))]
    ends = (NamedLayer("flat", Flatten()), NamedLayer("end", Dense(1)))
    places = [0, *again, len(named), len(named) + 1]
    nodes = tuple(Node(layer, (place - 1,) if place else ()) for place, layer in enumerate(places))
    return ModelSpec(named + ends, nodes, (0,), (len(nodes) - 1,))


def test_layers_that_learn_in_the_order_of_the_graph() -> None:
    found = normalized(canonical(TWO))
    assert kinds(TWO, dict(found)) == ["BatchNormalization"] * 2
    assert list(found) == sorted(found)
    assert all(places == [holder] for holder, places in found.items())


def test_frozen_layers_and_networks_without_any_are_left_alone() -> None:
    plain = chain((8, 8, 4), CONV, Flatten(), Dense(1))
    frozen = replace(TWO, layers=tuple(replace(each, trainable=False) for each in TWO.layers))
    for model in (plain, frozen):
        form = canonical(model)
        assert (dict(normalized(form)), renewing(form)) == ({}, 0)


def test_a_layer_is_one_however_often_it_is_used() -> None:
    form = canonical(used_twice(CONV, NORMAL))
    ((holder, uses),) = normalized(form).items()
    assert uses[0] == holder
    assert len(uses) == 2
    assert sweeps(form) == 2


def test_the_cost_is_what_lies_below_each_use() -> None:
    assert renewing(canonical(TWO)) == CONVOLVED + (CONVOLVED + NORMALIZED + CONVOLVED)
    assert sweeps(canonical(TWO)) == 1
    shared = canonical(used_twice(CONV, NORMAL))
    assert renewing(shared) == 2 * renewing(canonical(TWO))


def test_what_is_below_two_branches_is_counted_once() -> None:
    layers = (InputLayer((8, 8, 4)), CONV, CONV, Add(), NORMAL, Flatten(), Dense(1))
    named = tuple(NamedLayer(f"layer_{place}", layer) for place, layer in enumerate(layers))
    sources = ((), (0,), (1,), (1, 2), (3,), (4,), (5,))
    nodes = tuple(Node(place, inputs) for place, inputs in enumerate(sources))
    form = canonical(ModelSpec(named, nodes, (0,), (6,)))
    assert renewing(form) == 2 * CONVOLVED + ADDED


@pytest.mark.parametrize("sizes", [(7,), (5, 1), (3, 10, 64)])
def test_moments_of_parts_are_those_of_the_whole(sizes: tuple[int, ...]) -> None:
    lot = np.random.default_rng(0)
    parts = [lot.normal(1000, 3, (size, 4)) for size in sizes]
    told = pooled([Moments(len(part), part.mean(axis=0), part.var(axis=0)) for part in parts])
    whole = np.concatenate(parts)
    assert told.count == len(whole)
    assert np.allclose(told.mean, whole.mean(axis=0), rtol=1e-12)
    assert np.allclose(told.variance, whole.var(axis=0), rtol=1e-9)
