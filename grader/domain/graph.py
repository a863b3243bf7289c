"""A network with branches, as an assignment writes down what it asks for."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.domain.layers import InputLayer, Layer, Shape
from grader.domain.model_spec import ModelSpec, NamedLayer, Node


@dataclass(frozen=True)
class Tensor:
    """What a layer of a `Graph` gives; its place there."""

    place: int


@dataclass
class Graph:
    """Layers joined one by one; shapes are without the batch.

    graph = Graph()
    start = graph.input((32,))
    left = graph.add(start, Dense(units=8), Activation("relu"))
    around = graph.merge(Add(), left, graph.add(start, Dense(units=8)))
    NETWORK = graph.model(graph.add(around, Dense(units=2)))
    """

    _layers: list[NamedLayer] = field(default_factory=list)
    _nodes: list[Node] = field(default_factory=list)

    def input(self, shape: Shape) -> Tensor:
        """One more input of the model."""
        return self._put(InputLayer(shape))

    def add(self, source: Tensor, *layers: Layer) -> Tensor:
        """Layers that follow each other behind `source`."""
        for layer in layers:
            source = self._put(layer, source)
        return source

    def merge(self, layer: Layer, *sources: Tensor) -> Tensor:
        """A layer that brings several tensors together, such as Add() or Concatenate()."""
        return self._put(layer, *sources)

    def model(self, *outputs: Tensor) -> ModelSpec:
        """The network that gives these outputs. ShapeError where a layer cannot take what it gets."""
        inputs = tuple(
            place for place, named in enumerate(self._layers) if isinstance(named.layer, InputLayer)
        )
        found = ModelSpec(
            tuple(self._layers), tuple(self._nodes), inputs, tuple(output.place for output in outputs)
        )
        _ = found.shapes
        return found

    def _put(self, layer: Layer, *sources: Tensor) -> Tensor:
        place = len(self._nodes)
        self._layers.append(NamedLayer(f"{layer.kind.lower()}_{place}", layer))
        self._nodes.append(Node(place, tuple(source.place for source in sources)))
        return Tensor(place)
