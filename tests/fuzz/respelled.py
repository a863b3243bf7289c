"""Descriptions, and each in another spelling: what must give the same canonical form, and the same key of its trainings."""

from __future__ import annotations

import copy
from collections.abc import Callable
from random import Random
from typing import Any

from grader.domain.layers import LAYERS
from grader.domain.layers.merging import _Merging as Merging


def respelled(description: dict[str, Any], random: Random) -> dict[str, Any]:
    """Operands that have no order in another order, and some zeros with a minus."""
    other = copy.deepcopy(description)
    kinds = [layer["kind"] for layer in other["layers"]]
    for node in other["nodes"]:
        kind = LAYERS[kinds[node["layer"]]]
        if issubclass(kind, Merging) and kind.commutes:
            random.shuffle(node["inputs"])
    for layer in other["layers"]:
        layer["options"] = _with_zeros(layer["options"], lambda: random.choice([0.0, -0.0]))
    return other


def _with_zeros(value: Any, zero: Callable[[], float]) -> Any:
    if isinstance(value, dict):
        return {name: _with_zeros(inner, zero) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_zeros(inner, zero) for inner in value]
    return zero() if isinstance(value, float) and value == 0 else value


def merging_graph(random: Random) -> dict[str, Any]:
    """Few dense layers, used several times, and sums, products and the like of whatever is there: many operands look alike."""
    layers = [
        _layer("InputLayer", 0, shape=[4]),
        *(_layer("Dense", place, units=4) for place in range(1, random.randint(2, 4))),
    ]
    dense = len(layers) - 1
    nodes: list[dict[str, Any]] = [{"layer": 0, "inputs": []}]
    for _ in range(random.randint(2, 9)):
        if random.random() < 0.5:
            nodes.append({"layer": random.randint(1, dense), "inputs": [random.randrange(len(nodes))]})
            continue
        kind = random.choice(["Add", "Multiply", "Maximum", "Subtract", "Average"])
        layers.append(_layer(kind, len(layers)))
        operands = 2 if kind == "Subtract" else random.randint(2, 3)
        nodes.append({"layer": len(layers) - 1, "inputs": random.choices(range(len(nodes)), k=operands)})
    loose = sorted(set(range(len(nodes))) - {source for node in nodes for source in node["inputs"]})
    if len(loose) > 1:
        layers.append(_layer("Add", len(layers)))
        nodes.append({"layer": len(layers) - 1, "inputs": loose})
    return _used({"layers": layers, "nodes": nodes, "inputs": [0], "outputs": [len(nodes) - 1], "name": "m"})


def _layer(kind: str, place: int, **options: Any) -> dict[str, Any]:
    return {"kind": kind, "name": f"{kind.lower()}_{place}", "trainable": True, "options": options}


def _used(description: dict[str, Any]) -> dict[str, Any]:
    """Without the layers that no node has."""
    kept = sorted({node["layer"] for node in description["nodes"]})
    nodes = [{**node, "layer": kept.index(node["layer"])} for node in description["nodes"]]
    return {**description, "layers": [description["layers"][place] for place in kept], "nodes": nodes}
