"""Assignments that ask for pieces in order, or for no list of layers at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.checks import CheckFailed, expect
from grader.domain.assignment import Strictness
from grader.domain.graph import Graph
from grader.domain.layers import (
    Activation,
    Add,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalMaxPooling2D,
    MaxPooling2D,
    ReLU,
)
from grader.domain.model_spec import chain
from grader.messages import render

SHAPE = (32, 32, 3)
CONV = Conv2D(filters=32, kernel_size=(3, 3))
PIECES = (CONV, ReLU(), MaxPooling2D(), Flatten(), Dense(5, activation="softmax"))


def pieces(*layers):
    return replace(chain(SHAPE, *layers), strictness=Strictness.PIECES)


def failure(model, asked=PIECES, check=expect.layer_order):
    with pytest.raises(CheckFailed) as caught:
        check(model, asked)
    return caught.value


@pytest.mark.parametrize(
    "layers",
    [
        PIECES,
        (CONV, BatchNormalization(), ReLU(), Dropout(0.2), MaxPooling2D(), Flatten(), Dense(64), *PIECES[4:]),
        (CONV, MaxPooling2D(), ReLU(), Flatten(), Dense(5), Activation("softmax")),
        (Conv2D(filters=8, kernel_size=(5, 5)), MaxPooling2D(), *PIECES),
        (CONV, Activation("relu"), Conv2D(filters=8, kernel_size=(3, 3)), MaxPooling2D(), *PIECES[3:]),
    ],
)
def test_other_layers_may_stand_between_the_pieces(layers):
    expect.layer_order(pieces(*layers), PIECES)
    expect.layer_settings(pieces(*layers), PIECES)


def test_a_missing_piece_is_told_and_the_students_own_layers_are_not():
    found = failure(
        pieces(CONV, BatchNormalization(), ReLU(), Flatten(), Dense(64), Dense(5, activation="softmax"))
    )
    assert render(found.message) == "A layer is missing: MaxPooling2D() should come after Activation('relu')."
    assert [(line.kind, line.actual) for line in found.diff] == [
        ("same", "Conv2D(32, (3, 3))"),
        ("own", "BatchNormalization()"),
        ("same", "Activation('relu')"),
        ("missing", None),
        ("same", "Flatten()"),
        ("own", "Dense(64)"),
        ("same", "Dense(5)"),
        ("same", "Activation('softmax')"),
    ]


def test_pieces_in_the_wrong_order_are_told_as_that():
    found = failure(pieces(MaxPooling2D(), CONV, ReLU(), Flatten(), Dense(5, activation="softmax")))
    assert {line.kind for line in found.diff} == {"same", "moved"}
    assert render(found.message) == (
        "One layer stands in another place than was asked for: MaxPooling2D() should come after Activation('relu')."
    )


def test_a_piece_with_other_settings_is_a_changed_setting():
    model = pieces(CONV, ReLU(), MaxPooling2D(pool_size=(3, 3)), Flatten(), Dense(5, activation="softmax"))
    expect.layer_order(model, PIECES)
    assert failure(model, check=expect.layer_settings).message.params["option"] == "pool_size"


def test_a_piece_that_does_nothing_is_none():
    model = pieces(CONV, ReLU(), Dropout(0.0), Flatten(), Dense(5, activation="softmax"))
    found = failure(model, (CONV, Dropout(0.5), Dense(5)))
    assert [line.kind for line in found.diff].count("silent") == 1


def test_pieces_stand_along_one_way_through_a_network_with_branches():
    graph = Graph()
    start = graph.input(SHAPE)
    left = graph.add(start, CONV, GlobalMaxPooling2D())
    right = graph.add(start, Conv2D(filters=8, kernel_size=(5, 5)), ReLU(), GlobalMaxPooling2D(), Dense(32))
    model = replace(
        graph.model(graph.add(graph.merge(Add(), left, right), Dense(5))), strictness=Strictness.PIECES
    )
    expect.layer_order(model, (CONV, GlobalMaxPooling2D(), Add(), Dense(5)))
    expect.layer_order(model, (Conv2D(filters=8, kernel_size=(5, 5)), ReLU(), Dense(32), Dense(5)))
    with pytest.raises(CheckFailed):
        expect.layer_order(model, (Dropout(0.5), Dense(5)))
    with pytest.raises(CheckFailed):
        expect.layer_settings(model, (CONV, Dense(32), Dense(5)))


def test_where_no_layers_are_asked_for_a_list_is_the_authors_mistake():
    model = replace(chain(SHAPE, *PIECES), strictness=Strictness.ANY)
    for check in (expect.layer_order, expect.layer_settings):
        with pytest.raises(ValueError, match="architecture: any"):
            check(model, PIECES)
    expect.last_activation(model, "softmax")


def test_pieces_are_a_list():
    with pytest.raises(TypeError, match="a list"):
        expect.layer_order(pieces(*PIECES), chain(SHAPE, *PIECES))


def test_a_model_without_layers_lacks_every_piece():
    assert {line.kind for line in failure(pieces()).diff} == {"missing"}
