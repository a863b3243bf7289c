"""A model as the grader knows it: typed layers and the graph between them, with shapes and counts of our own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from grader.domain.assignment import Strictness
from grader.domain.compiled import CompileSettings
from grader.domain.layers import InputLayer, Layer, Shape, Weights
from grader.domain.layers.work import work
from grader.domain.report import LayerRow, ModelTable


@dataclass(frozen=True)
class NamedLayer:
    """A layer as submitted: its student's name for it, and whether training may change it."""

    name: str
    layer: Layer
    trainable: bool = True


@dataclass(frozen=True)
class Node:
    """One use of a layer: `layer` and `inputs` are places in `ModelSpec.layers` and `ModelSpec.nodes`."""

    layer: int
    inputs: tuple[int, ...] = ()


@dataclass(frozen=True)
class ModelSpec:
    """A graph of layers. Nodes come after their inputs; a layer used twice is one layer with two nodes.

    The model's own name, what it was compiled with and how strictly the assignment compares its layers stand beside the
    graph: they change no network.
    """

    layers: tuple[NamedLayer, ...]
    nodes: tuple[Node, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    built_for_you: bool = False
    name: str = field(default="", compare=False)
    compiled: CompileSettings | None = field(default=None, compare=False)
    strictness: Strictness = field(default=Strictness.EXACT, compare=False)

    def layer_of(self, node: int) -> NamedLayer:
        """The layer that a node uses."""
        return self.layers[self.nodes[node].layer]

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """The output shape of every node, without the batch. Raises ShapeError where a layer cannot take its inputs."""
        found: list[Shape] = []
        for node in self.nodes:
            inputs = tuple(found[source] for source in node.inputs)
            found.append(self.layers[node.layer].layer.output_shape(inputs))
        return tuple(found)

    @cached_property
    def weights(self) -> tuple[Weights, ...]:
        """What every layer holds, counted once however often it is used; a frozen layer's count as fixed."""
        first_use = {node.layer: node for node in reversed(self.nodes)}
        return tuple(self._weights(named, first_use.get(place)) for place, named in enumerate(self.layers))

    def _weights(self, named: NamedLayer, node: Node | None) -> Weights:
        if node is None:
            return Weights()
        held = named.layer.weights(tuple(self.shapes[source] for source in node.inputs))
        return held if named.trainable else Weights(0, held.total)

    @property
    def params(self) -> int:
        """All parameters, as `model.summary()` counts them."""
        return sum(held.total for held in self.weights)

    @property
    def trainable_params(self) -> int:
        """Those that training changes."""
        return sum(held.trainable for held in self.weights)

    @property
    def operations(self) -> int:
        """Multiplications of one forward pass of one sample, roughly."""
        return sum(self._operations)

    @property
    def costliest(self) -> int:
        """The node with most multiplications."""
        return max(range(len(self.nodes)), key=lambda place: self._operations[place])

    @property
    def work(self) -> int:
        """What one pass of one sample takes, as `make costs` counts it."""
        return sum(self._work)

    @property
    def dearest(self) -> int:
        """The node that takes longest."""
        return max(range(len(self.nodes)), key=lambda place: self._work[place])

    @cached_property
    def _work(self) -> tuple[int, ...]:
        return self._of_each_node(work)

    @cached_property
    def _operations(self) -> tuple[int, ...]:
        return self._of_each_node(lambda layer, inputs: layer.operations(inputs))

    def _of_each_node(self, counted: Callable[[Layer, tuple[Shape, ...]], int]) -> tuple[int, ...]:
        return tuple(
            counted(self.layers[node.layer].layer, tuple(self.shapes[source] for source in node.inputs))
            for node in self.nodes
        )

    @property
    def input_shapes(self) -> tuple[Shape, ...]:
        """The shape of every input, without the batch."""
        return tuple(self.shapes[node] for node in self.inputs)

    @property
    def output_shapes(self) -> tuple[Shape, ...]:
        """The shape of every output, without the batch."""
        return tuple(self.shapes[node] for node in self.outputs)

    @property
    def through(self) -> ModelSpec:
        """The same graph with its last node as the only output: what a model with many outputs is made of."""
        return replace(self, outputs=(len(self.nodes) - 1,))

    def table(self) -> ModelTable:
        """The model as `model.summary()` shows it, one row per use of a layer."""
        seen: set[int] = set()
        rows = []
        for node, shape in zip(self.nodes, self.shapes, strict=True):
            params = 0 if node.layer in seen else self.weights[node.layer].total
            seen.add(node.layer)
            named = self.layers[node.layer]
            sources = tuple(self.layer_of(source).name for source in node.inputs)
            rows.append(LayerRow(named.name, named.layer.kind, sources, (None, *shape), params))
        return ModelTable(tuple(rows), self.params, self.trainable_params)


def chain(input_shape: Shape, *layers: Layer) -> ModelSpec:
    """A model whose layers follow each other, as an assignment writes down what it asks for."""
    named = (
        NamedLayer("input", InputLayer(input_shape)),
        *(NamedLayer(layer.kind.lower(), layer) for layer in layers),
    )
    nodes = tuple(Node(place, (place - 1,) if place else ()) for place in range(len(named)))
    return ModelSpec(named, nodes, (0,), (len(nodes) - 1,))
