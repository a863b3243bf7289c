"""Each rule with a network or a curve that triggers it, and one that nearly does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.domain.compiled import CompileSettings, loss, optimizer
from grader.domain.diagnosis import OF_NETWORKS, OF_TRAININGS, Seen, advice
from grader.domain.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from grader.domain.layers.weighting import Choice
from grader.domain.model_spec import ModelSpec, chain
from grader.domain.training import SeededRun, TrainingPlan, TrainingRun
from grader.messages import render

PICTURE = (32, 32, 3)
CLASSES = TrainingPlan("signs", 3, 32, "adam", "categorical_crossentropy")
YES_OR_NO = TrainingPlan("faces", 40, 16, "adam", "binary_crossentropy")
ZEROS = Choice("Zeros")


def constant(value: float) -> Choice:
    return Choice("Constant", (("value", value),))


def network(*layers, shape=PICTURE) -> ModelSpec:
    return chain(shape, *layers)


def hidden(*inside) -> ModelSpec:
    return network(Flatten(), *inside, Dense(5, activation="softmax"))


def run(loss, val_loss=None, **more) -> TrainingRun:
    history = {"loss": tuple(loss)} | ({} if val_loss is None else {"val_loss": tuple(val_loss)})
    return TrainingRun((SeededRun(0, len(loss), history, **more),))


RIGHT = hidden(Dense(128, activation="relu"))


@pytest.mark.parametrize(
    ("code", "seen", "near_miss"),
    [
        (
            "softmax_of_one",
            Seen(network(Flatten(), Dense(1, activation="softmax")), YES_OR_NO),
            Seen(network(Flatten(), Dense(2, activation="softmax")), YES_OR_NO),
        ),
        (
            "sigmoid_for_classes",
            Seen(network(Flatten(), Dense(5, activation="sigmoid")), CLASSES),
            Seen(network(Flatten(), Dense(5, activation="sigmoid")), YES_OR_NO),
        ),
        (
            "sigmoid_for_classes",
            Seen(
                replace(
                    network(Flatten(), Dense(5, activation="sigmoid")),
                    compiled=CompileSettings(optimizer("adam"), loss("sparse_categorical_crossentropy")),
                )
            ),
            Seen(
                replace(
                    network(Flatten(), Dense(5, activation="sigmoid")),
                    compiled=CompileSettings(optimizer("adam"), loss("binary_crossentropy")),
                )
            ),
        ),
        (
            "relu_at_the_end",
            Seen(network(Flatten(), Dense(5, activation="relu")), CLASSES),
            Seen(network(Flatten(), Dense(8, activation="relu"), Dense(5)), CLASSES),
        ),
        (
            "relu_at_the_end",
            Seen(network(Flatten(), Dense(5, activation="relu")), YES_OR_NO),
            Seen(network(Flatten(), Dense(5, activation="relu"))),
        ),
        (
            "equal_start",
            Seen(hidden(Dense(128, activation="relu", kernel_initializer=ZEROS))),
            Seen(network(Flatten(), Dense(5, activation="softmax", kernel_initializer=ZEROS))),
        ),
        (
            "shut_units",
            Seen(hidden(Dense(128, activation="relu", bias_initializer=constant(-100.0)))),
            Seen(hidden(Dense(128, activation="relu", bias_initializer=constant(-0.1)))),
        ),
        (
            "dense_on_a_picture",
            Seen(network(Dense(128, activation="relu"), Flatten(), Dense(5, activation="softmax"))),
            Seen(network(Dense(128, activation="relu"), Dense(5, activation="softmax"), shape=(32,))),
        ),
        ("nothing_between", Seen(hidden(Dense(128))), Seen(hidden(Dense(128), Activation("tanh")))),
        ("nothing_between", Seen(hidden(Dense(128), Dropout(0.5))), Seen(hidden(Dropout(0.5)))),
        (
            "nothing_between",
            Seen(
                network(
                    Conv2D(filters=8, kernel_size=(3, 3)),
                    Conv2D(filters=8, kernel_size=(3, 3)),
                    Flatten(),
                    Dense(5, activation="softmax"),
                )
            ),
            Seen(
                network(
                    Conv2D(filters=8, kernel_size=(3, 3)),
                    MaxPooling2D(pool_size=(2, 2)),
                    Conv2D(filters=8, kernel_size=(3, 3)),
                    Flatten(),
                    Activation("softmax"),
                )
            ),
        ),
        (
            "softmax_inside",
            Seen(hidden(Dense(128, activation="softmax"))),
            Seen(hidden(Dense(128, activation="sigmoid"))),
        ),
        (
            "normalized_axis",
            Seen(network(BatchNormalization(axis=1), Flatten(), Dense(5, activation="softmax"))),
            Seen(network(BatchNormalization(axis=3), Flatten(), Dense(5, activation="softmax"))),
        ),
        ("much_dropout", Seen(hidden(Dropout(0.9))), Seen(hidden(Dropout(0.75)))),
        (
            "not_a_number",
            Seen(RIGHT, CLASSES, run([1.6, None, None])),
            Seen(RIGHT, CLASSES, run([1.6, 9e9, 1.2])),
        ),
        (
            "never_moves",
            Seen(RIGHT, CLASSES, run([1.609, 1.608, 1.609])),
            Seen(RIGHT, CLASSES, run([1.609, 1.58, 1.609])),
        ),
        (
            "overfitting",
            Seen(RIGHT, CLASSES, run([1.0, 0.6, 0.3, 0.2, 0.1], [1.0, 0.8, 0.9, 1.0, 1.2])),
            Seen(RIGHT, CLASSES, run([1.0, 0.6, 0.3, 0.2, 0.1], [1.0, 0.9, 0.8, 0.9, 1.0])),
        ),
        (
            "overfitting",
            Seen(RIGHT, CLASSES, run([1.0, 0.6, 0.3, 0.2, 0.1], [None, 0.8, 0.9, 1.0, 1.2])),
            Seen(RIGHT, CLASSES, run([1.0, 0.6, 0.3, 0.2, 0.1], [None, 0.8, None, 1.0, 1.2])),
        ),
        (
            "mostly_one_dense",
            Seen(hidden(Dense(2048, activation="relu")), CLASSES, run([1.6, 1.0])),
            Seen(hidden(Dense(128, activation="relu")), CLASSES, run([1.6, 1.0])),
        ),
    ],
)
def test_a_rule_and_its_near_miss(code: str, seen: Seen, near_miss: Seen) -> None:
    rules = OF_NETWORKS + OF_TRAININGS
    told = advice(seen, rules)
    assert told is not None
    assert told.why.code == f"diagnosis_{code}"
    assert told.what.code == f"remedy_{code}"
    assert render(told.whole)
    other = advice(near_miss, rules)
    assert other is None or other.why.code != told.why.code


def test_a_right_network_is_told_nothing() -> None:
    falling = run([1.6, 1.1, 0.8], [1.5, 1.2, 1.0])
    assert advice(Seen(RIGHT, CLASSES, falling), OF_NETWORKS + OF_TRAININGS) is None


def test_the_words_name_the_layers_as_a_student_writes_them() -> None:
    told = advice(Seen(hidden(Dense(128, use_bias=False))), OF_NETWORKS)
    assert told is not None
    assert render(told.whole).startswith("Between Dense(128) and Dense(5) there is no activation")


def test_where_learning_stops_to_help() -> None:
    told = advice(
        Seen(RIGHT, CLASSES, run([1.0, 0.6, 0.3, 0.2, 0.1], [1.0, 0.8, 0.9, 1.0, 1.2])), OF_TRAININGS
    )
    assert told is not None
    assert told.why.params["epoch"] == 2


def test_every_rule_has_an_example() -> None:
    marks = test_a_rule_and_its_near_miss.pytestmark[0].args[1]
    assert {example[0] for example in marks} == {rule.__name__ for rule in OF_NETWORKS + OF_TRAININGS}


def test_one_of_several_that_are_alike_is_told_apart() -> None:
    shut = Dense(128, activation="relu", bias_initializer=constant(-100.0))
    told = advice(Seen(hidden(Dense(128, activation="relu"), shut)), OF_NETWORKS)
    assert told is not None
    assert render(told.what) == "Leave bias_initializer out of the second Dense(128)."
    between = advice(Seen(hidden(Dense(128, activation="relu"), Dense(128), Dense(64))), OF_NETWORKS)
    assert between is not None
    assert render(between.what) == 'Give the second Dense(128) activation="relu".'
