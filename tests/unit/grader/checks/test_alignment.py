from __future__ import annotations

from grader.checks.alignment import Silent, align, kind_of, with_moves, with_silent
from grader.domain.layers import Activation, Conv2D, Dense, Dropout, Flatten, MaxPooling2D, ReLU

CONV = Conv2D(filters=32, kernel_size=(3, 3))
RELU = Activation("relu")


def lines(expected, actual):
    return [(line.kind, line.expected, line.actual) for line in align(expected, actual)[0]]


def test_equal_layers_stand_side_by_side():
    assert lines([CONV, RELU], [CONV, RELU]) == [("same", 0, 0), ("same", 1, 1)]
    assert lines([], []) == []


def test_an_equal_layer_counts_more_than_one_of_its_kind():
    asked = [Dense(512), RELU, Dense(512), RELU, Dense(10)]
    assert lines(asked, [Dense(512), RELU, Dense(10)]) == [
        ("same", 0, 0), ("same", 1, 1), ("missing", 2, None), ("missing", 3, None), ("same", 4, 2),
    ]  # fmt: skip


def test_another_layer_of_the_family_stands_for_one():
    assert lines([CONV, RELU, Flatten()], [CONV, Activation("tanh"), Flatten()])[1] == ("changed", 1, 1)


def test_activations_are_told_apart_by_their_function():
    assert kind_of(RELU) == "relu"
    assert kind_of(ReLU(threshold=1.0)) == "ReLU"


def moved(expected, actual):
    return [
        (line.kind, line.expected, line.actual)
        for line in with_moves(align(expected, actual)[0], expected, actual)
    ]


def test_neighbours_in_the_other_order_are_swapped():
    drop, pool = Dropout(0.5), MaxPooling2D()
    for expected, actual in (
        ([CONV, pool, drop], [CONV, drop, pool]),
        ([CONV, drop, pool], [CONV, pool, drop]),
    ):
        assert moved(expected, actual) == [("same", 0, 0), ("swapped", 1, 1), ("swapped", 2, 2)]


def test_a_layer_that_stands_further_away_has_moved():
    expected = [Dropout(0.5), CONV, RELU, Flatten()]
    found = moved(expected, [*expected[1:], expected[0]])
    assert [kind for kind, _, _ in found] == ["moved", "same", "same", "same", "moved"]


def test_a_layer_that_does_nothing_stands_for_one_that_is_missing():
    expected = [CONV, Dropout(0.5), Dropout(0.25)]
    found = with_silent(align(expected, [CONV])[0], expected, [Silent(Dropout(0.0), "mine")])
    assert [line.kind for line in found] == ["same", "silent", "missing"]
    assert found[1].silent.name == "mine"
