"""Random layers as the guest describes them: most options within their bounds, some at the edge of what fits."""

from __future__ import annotations

from dataclasses import MISSING, fields
from functools import cache

from hypothesis import strategies as st

from grader.domain.layers import LAYERS
from grader.domain.layers.option import ACTIVATIONS
from grader.domain.layers.weighting import CONSTRAINTS, INITIALIZERS, REGULARIZERS

SHAPES = {
    0: [()],
    1: [(10,), (6,)],
    2: [(12, 6), (5, 4)],
    3: [(11, 9, 4), (6, 6, 2)],
    4: [(5, 6, 4, 2)],
    5: [(2, 3, 2, 3, 2)],
}
VECTORS = [shape for rank in (1, 2, 3) for shape in SHAPES[rank]]
SMALL = st.integers(1, 4)
GAIN = st.sampled_from([0.0, 0.5, 1.0, 2.0])

NUMBERS = {
    "rate": st.sampled_from([0.0, 0.3, 0.9]),
    "momentum": st.sampled_from([0.0, 0.9, 0.99]),
    "epsilon": st.sampled_from([1e-7, 0.001]),
    "max_value": st.none() | st.sampled_from([1.0, 6.0]),
    "stddev": st.sampled_from([0.0, 0.5, 1.0]),
}
INSIDE = {
    "mode": st.sampled_from(["fan_in", "fan_out", "fan_avg"]),
    "distribution": st.sampled_from(["truncated_normal", "untruncated_normal", "uniform"]),
    "axis": st.integers(-4, 4),
    "scale": st.sampled_from([0.1, 1.0, 2.0]),
    "rate": st.sampled_from([0.0, 1.0]),
    "l1": st.sampled_from([0.0, 0.01]),
    "l2": st.sampled_from([0.0, 0.01]),
}


OFTEN = ("pool_size", "groups")
"""What is always said, since Keras has no default, or since a layer's default fits no small shape."""


def choice(kinds):
    """One of Keras's initializers, regularizers or constraints with options of its own."""
    return st.sampled_from(sorted(kinds)).flatmap(
        lambda name: st.fixed_dictionaries(
            {
                "class": st.just(name),
                "options": st.fixed_dictionaries(
                    {}, optional={key: INSIDE.get(key, GAIN) for key in kinds[name]}
                ),
            }
        )
    )


def rank_of(kind):
    """How many axes a layer moves along; 2 where it does not care."""
    return getattr(LAYERS[kind], "rank", 1 if kind.endswith("1D") else 2)


def sides(kind, low=1, high=4):
    one = st.integers(low, high)
    return one | st.lists(one, min_size=rank_of(kind), max_size=rank_of(kind))


def edges(kind):
    one = st.integers(0, 3)
    pair = st.lists(one, min_size=2, max_size=2)
    return one | pair if rank_of(kind) == 1 else one | st.lists(pair, min_size=2, max_size=2)


def option(kind, name, declared):
    """What one option of one kind of layer may be."""
    if name.endswith("_initializer"):
        return choice(INITIALIZERS)
    if name.endswith("_regularizer"):
        return st.none() | choice(REGULARIZERS)
    if name.endswith("_constraint"):
        return st.none() | choice(CONSTRAINTS)
    if declared == "bool":
        return st.booleans()
    if name == "padding" and "Zero" in kind:
        return edges(kind)
    if name == "strides" and "Pooling" in kind:
        return st.none() | sides(kind, 1, 3)
    words = ["valid", "same", *(["causal"] if kind == "Conv1D" else [])]
    known = {
        "activation": st.sampled_from(ACTIVATIONS),
        "axis": st.lists(st.integers(-3, 3), min_size=1, max_size=2) | st.integers(-3, 3)
        if kind == "LayerNormalization"
        else st.integers(-3, 3),
        "cropping": edges(kind),
        "data_format": st.sampled_from(["channels_last", "channels_last", "channels_first"]),
        "depth_multiplier": st.integers(1, 3),
        "dilation_rate": st.just(1) | sides(kind, 1, 2),
        "dims": st.sampled_from([[1, 2], [2, 1], [2, 1, 3], [3, 1, 2], [1, 3, 2], [1, 2, 3], [1, 1], [1]]),
        "filters": st.integers(1, 6),
        "groups": st.integers(1, 3) if kind.startswith("Conv") else st.sampled_from([-1, 1, 2, 3, 4, 5]),
        "kernel_size": sides(kind),
        "n": SMALL,
        "pool_size": sides(kind, 1, 3),
        "shape": st.sampled_from(VECTORS).map(list),
        "shared_axes": st.none() | st.lists(st.integers(1, 3), max_size=2),
        "size": st.integers(1, 3) if kind == "UpSampling1D" else sides(kind, 1, 3),
        "strides": st.just(1) | sides(kind, 1, 3),
        "target_shape": st.sampled_from([[-1], [-1, 4], [396], [4, 99], [2, -1, 3], [10], [5, 2]]),
        "units": st.integers(1, 9),
        "padding": st.sampled_from(words),
    }
    return known.get(name, NUMBERS.get(name, GAIN))


@cache
def options(kind):
    """The options of one kind of layer: those that it must have, and any of the others."""
    declared = {f.name: f for f in fields(LAYERS[kind])}
    strategies = {name: option(kind, name, str(f.type)) for name, f in declared.items()}
    needed = {
        name: strategies.pop(name) for name, f in declared.items() if f.default is MISSING or name in OFTEN
    }
    few = st.sets(st.sampled_from(sorted(strategies)), max_size=4) if strategies else st.just(set())
    return few.flatmap(
        lambda names: st.fixed_dictionaries({**needed, **{name: strategies[name] for name in sorted(names)}})
    )


@cache
def layer(kinds):
    """A described layer."""
    return st.sampled_from(kinds).flatmap(
        lambda kind: st.fixed_dictionaries(
            {
                "kind": st.just(kind),
                "name": st.sampled_from(["a", "dense_1", "<b>", "x/y"]),
                "trainable": st.sampled_from([True, True, True, False]),
                "options": options(kind),
            }
        )
    )


def input_shapes(kind):
    """Shapes that a kind of layer may be given: those of its own number of axes, and at times others."""
    own = getattr(LAYERS[kind], "rank", None)
    if own is None:
        own = 1 if kind.endswith("1D") else 2 if kind.endswith("2D") else None
    if kind == "RepeatVector":
        return st.sampled_from(SHAPES[1])
    if own is None:
        return st.sampled_from([*VECTORS, *SHAPES[4]])
    return st.sampled_from(SHAPES[own + 1] * 9 + SHAPES[own])


@st.composite
def models(draw, most=6):
    """A described model: a graph of random layers, most of them after the one before, some used twice."""
    shape = draw(st.sampled_from([(8, 8, 3), (12, 4), (10,), (6, 6, 1)]))
    layers = [{"kind": "InputLayer", "name": "in", "trainable": True, "options": {"shape": list(shape)}}]
    nodes = [{"layer": 0, "inputs": []}]
    inner = tuple(sorted(set(LAYERS) - {"InputLayer"}))
    for _ in range(draw(st.integers(1, most))):
        again = len(layers) > 1 and draw(st.integers(0, 9)) == 0
        if not again:
            layers.append(draw(layer(inner)))
        place = draw(st.integers(1, len(layers) - 1)) if again else len(layers) - 1
        fewest, _most = LAYERS[layers[place]["kind"]].inputs
        last = len(nodes) - 1
        sources = [last] + [draw(st.sampled_from([0, last])) for _ in range(fewest - 1)]
        nodes.append({"layer": place, "inputs": sources})
    return {
        "layers": layers,
        "nodes": nodes,
        "inputs": [0],
        "outputs": [len(nodes) - 1],
        "built_for_you": False,
        "name": "m",
    }
