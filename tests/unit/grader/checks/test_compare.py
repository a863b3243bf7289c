"""The aligned comparison: what a student reads about a model that is not the asked one."""

from __future__ import annotations

import pytest

from grader.checks import CheckFailed, expect
from grader.domain.graph import Graph
from grader.domain.layers import (
    Activation,
    Add,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    InputLayer,
    MaxPooling2D,
)
from grader.domain.layers.weighting import Choice
from grader.domain.message import message
from grader.domain.model_spec import ModelSpec, NamedLayer, Node, chain
from grader.messages import render

SHAPE = (32, 32, 3)
CONV = Conv2D(filters=32, kernel_size=(3, 3))
RELU, SOFTMAX = Activation("relu"), Activation("softmax")
ASKED = (CONV, MaxPooling2D(), Dropout(0.5), RELU, Flatten(), Dense(128), RELU, Dense(5), SOFTMAX)


def failure(model, asked=ASKED, check=expect.layer_order):
    with pytest.raises(CheckFailed) as caught:
        check(model, asked)
    return caught.value


def kinds(found):
    return [line.kind for line in found.diff if line.kind != "same"]


def first(found):
    (line,) = [line for line in found.diff if line.first]
    return line


def test_a_rate_of_zero_is_told_and_not_a_missing_layer():
    found = failure(chain(SHAPE, CONV, MaxPooling2D(), Dropout(0.0), *ASKED[3:]))
    assert render(found.message) == "The layer dropout has Dropout rate 0, which does nothing."
    assert (found.expected, found.actual) == ("Dropout(0.5)", "Dropout(0)")
    assert kinds(found) == ["silent"]
    assert (first(found).layer, first(found).actual) == ("dropout", "Dropout(0)")


def test_a_pool_of_one_is_there_and_does_nothing():
    found = failure(chain(SHAPE, CONV, MaxPooling2D(pool_size=(1, 1)), *ASKED[2:]))
    assert render(found.message) == (
        "The layer maxpooling2d is there, but with these settings it does nothing."
    )
    assert found.actual == "MaxPooling2D(pool_size=(1, 1))"
    assert first(found).expected_shape == (None, 15, 15, 32)
    assert first(found).actual_shape == (None, 30, 30, 32)


def test_two_layers_in_the_wrong_order_are_swapped():
    found = failure(chain(SHAPE, CONV, Dropout(0.5), MaxPooling2D(), *ASKED[3:]))
    assert render(found.message) == (
        "Two layers stand in the wrong order: MaxPooling2D() should come before Dropout(0.5)."
    )
    assert kinds(found) == ["swapped", "swapped"]
    lines = [(line.expected, line.actual) for line in found.diff if line.kind == "swapped"]
    assert lines == [("MaxPooling2D()", "Dropout(0.5)"), ("Dropout(0.5)", "MaxPooling2D()")]


def test_a_layer_far_from_its_place_has_moved():
    moved = chain(
        SHAPE, CONV, MaxPooling2D(), RELU, Flatten(), Dense(128), RELU, Dense(5), Dropout(0.5), SOFTMAX
    )
    found = failure(moved)
    assert render(found.message) == (
        "One layer stands in another place than was asked for: Dropout(0.5) should come after MaxPooling2D()."
    )
    assert kinds(found) == ["moved", "moved"]


def test_two_pairs_that_are_swapped_are_told_one_after_the_other():
    tanh = Activation("tanh")
    asked = (Dense(8), tanh, Dense(7), Dense(6), RELU, Dense(5))
    found = failure(chain((4,), Dense(8), Dense(7), tanh, Dense(6), Dense(5), RELU), asked)
    assert kinds(found) == ["swapped"] * 4
    assert "Activation('tanh') should come before Dense(7)" in render(found.message)


def test_the_first_cause_is_marked_and_only_that():
    found = failure(chain(SHAPE, CONV, Dropout(0.5), RELU, Flatten(), Dense(100), RELU, Dense(5), SOFTMAX))
    assert kinds(found) == ["missing", "changed"]
    assert first(found).kind == "missing"
    assert first(found).expected_shape == (None, 15, 15, 32)
    assert first(found).actual_shape == (None, 30, 30, 32)
    assert [line.expected_shape for line in found.diff].count(None) == len(found.diff) - 1


def test_a_changed_option_is_named_on_its_line_with_the_students_name():
    found = failure(chain(SHAPE, *ASKED[:5], Dense(100), *ASKED[6:]), check=expect.layer_settings)
    line = first(found)
    assert (line.kind, line.option, line.layer) == ("changed", "units", "dense")
    assert (line.expected, line.actual) == ("Dense(128)", "Dense(100)")


def test_settings_of_layers_that_are_not_there_are_no_settings():
    found = failure(chain(SHAPE, *ASKED[:5]), check=expect.layer_settings)
    assert found.message.code == "wrong_order_missing"


def test_layers_that_cannot_stand_on_the_models_input_are_compared_all_the_same():
    written = (CONV, MaxPooling2D(), Flatten(), Dense(5, activation="softmax"))
    found = failure(chain((2, 2, 3), Flatten(), Dense(5, activation="softmax")), written)
    assert kinds(found) == ["missing", "missing"]
    assert first(found).expected_shape is None
    assert (first(found).expected, first(found).actual_shape) == ("Conv2D(32, (3, 3))", (None, 2, 2, 3))


def test_a_layer_at_the_beginning_is_too_many():
    found = failure(chain(SHAPE, CONV, *ASKED), ASKED)
    assert kinds(found) == ["extra"]


def test_everything_missing_behind_a_model_that_was_cut_short():
    found = failure(chain(SHAPE, *ASKED[:5]))
    assert kinds(found) == ["missing"] * 4
    assert first(found).expected == "Dense(128)"


def test_an_activity_regularizer_is_a_setting_of_its_layer():
    penalty = Choice("L2", (("l2", 0.01),))
    model = chain(SHAPE, *ASKED[:5], Dense(128, activation="relu", activity_regularizer=penalty), *ASKED[7:])
    expect.layer_order(model, ASKED)
    found = failure(model, check=expect.layer_settings)
    assert found.message.params["option"] == "activity_regularizer"
    assert (found.expected, found.actual) == (message("none"), "ActivityRegularization(l2=0.01)")
    expect.layer_order(
        model, (*ASKED[:5], Dense(128, activation="relu", activity_regularizer=penalty), *ASKED[7:])
    )


def test_the_last_activation_is_found_before_an_activity_regularizer():
    penalty = Choice("L2", (("l2", 0.01),))
    expect.last_activation(
        chain((4,), Dense(1, activation="sigmoid", activity_regularizer=penalty)), "sigmoid"
    )
    expect.ends_in_logits(chain((4,), Dense(1, activity_regularizer=penalty)))


def block(*, left=4, right=4, merge=None, around=True, order=1, second=RELU):
    """Two branches from one input and a way around both."""
    graph = Graph()
    start = graph.input((4,))
    ends = [
        graph.add(start, Dense(left), RELU),
        graph.add(start, Dense(right), *([second] if second else [])),
    ]
    ends = ends[::order] + ([start] if around else [])
    return graph.model(graph.add(graph.merge(merge or Add(), *ends), Dense(2)))


def test_branches_pass_in_any_order_of_a_sum():
    expect.layer_order(block(order=-1), block())
    expect.layer_settings(block(order=-1), block())


def test_a_changed_option_in_a_branch_is_one_changed_line():
    found = failure(block(merge=Concatenate(), right=5), block(merge=Concatenate()), expect.layer_settings)
    assert kinds(found) == ["changed"]
    assert (found.expected, found.actual) == ("Dense(4)", "Dense(5)")


def test_a_missing_layer_in_a_branch_is_told_by_what_stands_before_it():
    asked = block(left=4, right=6, merge=Concatenate())
    found = failure(block(left=4, right=6, merge=Concatenate(), second=None), asked)
    assert render(found.message) == "A layer is missing: Activation('relu') should come after Dense(6)."
    assert kinds(found) == ["missing"]


def test_a_branch_that_is_not_joined_is_told_once():
    found = failure(block(around=False), block())
    assert kinds(found) == ["joined"]
    assert render(found.message).startswith("The layers are the asked ones, but Add() gets its numbers")
    given = "Activation('relu') in line 2 and Activation('relu') in line 4"
    assert render(found.actual) == given
    assert render(found.expected) == f"{given} and the input"


def test_lines_of_a_network_with_branches_say_what_goes_into_them():
    found = failure(block(right=5, merge=Concatenate()), block(merge=Concatenate()), expect.layer_settings)
    merged = next(line for line in found.diff if line.expected == "Concatenate()")
    assert merged.expected_inputs == merged.actual_inputs == (1, 3, -1)
    chained = failure(chain(SHAPE, *ASKED[:5]))
    assert {line.expected_inputs for line in chained.diff} == {None}


def test_a_chain_was_asked_for_and_branches_came():
    found = failure(block(), (Dense(4), RELU, Dense(2)))
    assert "extra" in kinds(found)
    assert found.diff


def test_more_outputs_than_were_asked_for():
    model = chain((4,), Dense(4), Dense(2))
    two = ModelSpec(model.layers, model.nodes, model.inputs, (1, 2))
    assert failure(two, (Dense(4), Dense(2))).message.code == "not_a_chain"


def test_one_layer_used_twice_is_not_two():
    layers = (
        NamedLayer("start", InputLayer((4,))),
        NamedLayer("one", Dense(4)),
        NamedLayer("last", Dense(4)),
    )
    twice = ModelSpec(layers, (Node(0), Node(1, (0,)), Node(1, (1,)), Node(2, (2,))), (0,), (3,))
    found = failure(twice, (Dense(4), Dense(4), Dense(4)))
    assert kinds(found) == ["shared"]
    assert "used twice" in render(found.message)


def test_many_branches_are_compared_in_no_time():
    def wide(last):
        graph = Graph()
        start = graph.input((4,))
        sums = start
        for _ in range(12):
            sums = graph.merge(Add(), graph.add(sums, Dense(4)), graph.add(sums, Dense(4), RELU), sums)
        return graph.model(graph.add(sums, Dense(last)))

    assert failure(wide(3), wide(2), expect.layer_settings).actual == "Dense(3)"


def test_a_wrong_activation_is_another_one_and_not_missing_even_where_layers_commute():
    asked = (Dense(16), Activation("tanh"), Dropout(0.3), Dense(8), RELU, Dropout(0.3), Dense(2))
    found = failure(chain((2,), Dense(16), RELU, *asked[2:]), asked)
    assert render(found.message) == "After Dense(16) comes a different layer than was asked for."
    assert (found.expected, found.actual) == ("Activation('tanh')", "Activation('relu')")
    assert kinds(found) == ["changed"]


def test_a_missing_layer_has_its_place_in_the_students_own_order():
    asked = (CONV, MaxPooling2D(), RELU, Flatten(), Dense(5))
    found = failure(chain(SHAPE, CONV, RELU, MaxPooling2D(), Dense(5)), asked)
    assert render(found.message) == "A layer is missing: Flatten() should come after MaxPooling2D()."
    assert [line.actual for line in found.diff if line.actual] == [
        "Conv2D(32, (3, 3))",
        "Activation('relu')",
        "MaxPooling2D()",
        "Dense(5)",
    ]


def test_which_of_several_is_told():
    found = failure(chain(SHAPE, *ASKED[:7], Dropout(0.25), *ASKED[7:]))
    assert render(found.message) == (
        "There is a layer too many: Dropout(0.25) after the second Activation('relu')."
    )
    told = failure(chain(SHAPE, *ASKED[:5], Dense(100), *ASKED[6:]), check=expect.layer_settings)
    assert render(told.message) == "The first Dense has a different setting: units."
    assert render(told.message, "zh") == "第一个 Dense 层有一项设置不同：units。"


@pytest.mark.parametrize("swap", [False, True])
def test_branches_stand_as_they_were_written(swap):
    graph = Graph()
    start = graph.input((4,))
    ways = [lambda: graph.add(start, Dense(8), RELU), lambda: graph.add(start, Dense(7), Dense(8))]
    made = [way() for way in (reversed(ways) if swap else ways)]
    asked = graph.model(graph.add(graph.merge(Add(), *made), Dense(2)))
    own = Graph()
    start = own.input((4,))
    left = own.add(start, Dense(8), RELU)
    right = own.add(start, Dense(7), Dense(8))
    found = failure(own.model(own.add(own.merge(Add(), left, right), Dense(3))), asked, expect.layer_settings)
    assert [line.actual for line in found.diff][:4] == [
        "Dense(8)",
        "Activation('relu')",
        "Dense(7)",
        "Dense(8)",
    ]
    assert render(found.message) == "The fourth Dense has a different setting: units."
