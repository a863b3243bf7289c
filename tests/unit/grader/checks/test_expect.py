from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from grader.checks import CheckFailed, expect
from grader.domain.layers import (
    Activation,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from grader.domain.message import message
from grader.domain.model_spec import ModelSpec, NamedLayer, chain
from grader.domain.training import SeededRun, TrainingRun
from grader.messages import notation, render

SHAPE = (32, 32, 3)
CONV = Conv2D(filters=32, kernel_size=(3, 3))
RELU, SOFTMAX = Activation("relu"), Activation("softmax")
ASKED = (CONV, MaxPooling2D(), RELU, Flatten(), Dense(128), RELU, Dense(5), SOFTMAX)


def failure(check, *arguments):
    with pytest.raises(CheckFailed) as caught:
        check(*arguments)
    return caught.value


def told(check, *arguments):
    return render(failure(check, *arguments).message)


def without(place):
    return chain(SHAPE, *ASKED[:place], *ASKED[place + 1 :])


def test_the_asked_network_passes_in_another_spelling():
    written = (Conv2D(filters=32, kernel_size=(3, 3), activation="relu"), MaxPooling2D(), Flatten())
    model = chain(SHAPE, *written, Dense(128, activation="relu"), Dense(5, activation="softmax"))
    expect.layer_order(model, ASKED)
    expect.layer_settings(model, ASKED)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (without(7), "A layer is missing: Activation('softmax') should come after Dense(5)."),
        (without(5), "A layer is missing: Activation('relu') should come after Dense(128)."),
        (without(1), "A layer is missing: MaxPooling2D() should come after Conv2D(32, (3, 3))."),
        (without(0), "A layer is missing: the model should begin with Conv2D(32, (3, 3))."),
        (
            chain(SHAPE, *ASKED[:4], Dropout(0.5), *ASKED[4:]),
            "There is a layer too many: Dropout(0.5) after Flatten().",
        ),
        (
            chain(SHAPE, *ASKED[:7], Activation("sigmoid")),
            "After Dense(5) comes a different layer than was asked for.",
        ),
    ],
)
def test_the_first_difference_in_order_is_named(model, words):
    assert told(expect.layer_order, model, ASKED) == words


def test_a_changed_setting_is_named_with_both_values():
    model = chain(SHAPE, *ASKED[:4], Dense(100), *ASKED[5:])
    expect.layer_order(model, ASKED)
    found = failure(expect.layer_settings, model, ASKED)
    assert (found.expected, found.actual) == ("Dense(128)", "Dense(100)")
    assert [line.kind for line in found.diff].count("changed") == 1


def test_a_setting_that_the_notation_leaves_out_is_spelled_out():
    model = chain(SHAPE, Conv2D(filters=32, kernel_size=(3, 3), padding="same"), *ASKED[1:])
    found = failure(expect.layer_settings, model, ASKED)
    assert notation(found.expected) == "Conv2D with padding='valid'"
    assert "padding='same'" in notation(found.actual)


def test_a_frozen_layer_is_a_changed_setting():
    model = chain(SHAPE, *ASKED)
    layers = [NamedLayer(n.name, n.layer, trainable=not isinstance(n.layer, Dense)) for n in model.layers]
    frozen = ModelSpec(tuple(layers), model.nodes, model.inputs, model.outputs)
    assert failure(expect.layer_settings, frozen, ASKED).message.code == "frozen_layer"


def test_shapes_show_the_batch_as_none():
    found = failure(expect.input_shape, chain((28, 28, 1), Flatten()), SHAPE)
    assert (found.expected, found.actual) == ("(None, 32, 32, 3)", "(None, 28, 28, 1)")


@pytest.mark.parametrize(
    ("asked", "given", "told"),
    [
        ((784,), (28, 28), "input_shape=(784,), and leave Flatten out"),
        ((784,), (28, 28, 1), "input_shape=(784,), and leave Flatten out"),
        ((28, 28), (784,), "write input_shape=(28, 28)."),
        ((784,), (28, 27), ""),
        ((28, 28), (28, 28, 1), ""),
        ((28, 28), (28,), ""),
    ],
)
def test_a_picture_in_place_of_a_row_is_told_by_what_to_write(asked, given, told):
    hint = failure(expect.input_shape, chain(given, Flatten()), asked).hint
    assert told in render(hint) if told else hint is None


def test_the_last_activation_is_found_inside_a_layer():
    expect.last_activation(chain(SHAPE, Flatten(), Dense(1, activation="sigmoid")), "sigmoid")
    assert (
        failure(expect.last_activation, chain(SHAPE, Flatten(), Dense(1)), "sigmoid").expected
        == "Activation('sigmoid')"
    )


def run(accuracy, test=None):
    return TrainingRun((SeededRun(0, 2, {"accuracy": (0.1, accuracy)}, test),))


def test_accuracy_has_to_be_above_and_not_at_the_threshold():
    expect.accuracy_above(run(0.51), 0.5)
    assert failure(expect.accuracy_above, run(0.5), 0.5).actual == "50.0%"
    assert failure(expect.accuracy_above, run(None), 0.5).actual == "0.0%"


@pytest.mark.parametrize(
    ("tests", "hint"),
    [
        ((0.4,), "hint_more_epochs"),
        ((0.4, 0.2, 0.5), "hint_more_epochs"),
        ((0.4, 0.2, 0.6), "hint_runs_disagree"),
    ],
)
def test_another_architecture_is_advised_where_no_run_got_there(tests, hint):
    runs = tuple(SeededRun(seed, 1, {"accuracy": (1.0,)}, value) for seed, value in enumerate(tests))
    trained = TrainingRun(runs, threshold=0.5)
    open_ended = partial(expect.test_accuracy_above, open_ended=True)
    assert failure(open_ended, trained, 0.5).hint.code == hint


@pytest.mark.parametrize("strange", [float("nan"), float("inf"), 1.5, -0.1])
def test_an_impossible_accuracy_is_never_a_pass(strange):
    with pytest.raises(ValueError, match="accuracy"):
        expect.test_accuracy_above(run(0.9, strange), 0.5)


def test_a_test_that_was_not_made_is_the_authors_fault():
    with pytest.raises(ValueError, match="evaluate_test"):
        expect.test_accuracy_above(run(0.9), 0.5)


def test_logits_have_nothing_after_the_last_dense():
    head = (Flatten(), Dense(8, activation="relu"))
    expect.ends_in_logits(chain(SHAPE, *head, Dense(5)))
    expect.ends_in_logits(chain(SHAPE, *head, Dense(5, activation="linear")))
    for last in (Dense(5, activation="softmax"), Dense(5, activation="sigmoid")):
        found = failure(expect.ends_in_logits, chain(SHAPE, *head, last))
        assert last.activation in notation(found.actual)
        assert "from_logits" in render(found.hint)
    assert failure(expect.ends_in_logits, chain(SHAPE, *head, Dense(5), Dropout(0.5)))


def test_the_plans_threshold():
    expect.accuracy_above(replace(run(0.9), threshold=0.8), 0.8)
    assert failure(expect.test_accuracy_above, run(0.9, 0.7), 0.8).expected == message("above", threshold=0.8)
    with pytest.raises(ValueError, match="no threshold"):
        expect.accuracy_above(run(0.9), run(0.9).threshold)
