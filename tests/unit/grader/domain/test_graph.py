from __future__ import annotations

import pytest

from grader.domain.canonical import canonical
from grader.domain.graph import Graph
from grader.domain.layers import Activation, Add, Concatenate, Dense, ShapeError
from grader.domain.model_spec import chain


def test_a_graph_without_branches_is_a_chain():
    graph = Graph()
    model = graph.model(graph.add(graph.input((4,)), Dense(8), Activation("relu"), Dense(2)))
    assert canonical(model) == canonical(chain((4,), Dense(8, activation="relu"), Dense(2)))


def test_branches_come_together():
    graph = Graph()
    start, other = graph.input((4,)), graph.input((3,))
    model = graph.model(graph.merge(Concatenate(), start, graph.add(other, Dense(5))))
    assert (model.input_shapes, model.output_shapes) == (((4,), (3,)), ((9,),))


def test_layers_that_do_not_fit_are_refused_where_the_network_is_written_down():
    graph = Graph()
    start = graph.input((4,))
    with pytest.raises(ShapeError):
        graph.model(graph.merge(Add(), start, graph.add(start, Dense(5))))
