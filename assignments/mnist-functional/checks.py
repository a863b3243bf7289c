"""What mnist-functional asks for: one network from two functions, with names, and compiled by the second."""

from __future__ import annotations

from grader.checks import CheckFailed, architecture_check, expect, training_check
from grader.domain.layers import Activation, Dense
from grader.domain.message import message
from grader.domain.model_spec import ModelSpec
from grader.domain.training import TrainingRun

HIDDEN = (Dense(units=64), Activation("relu"))
NETWORK = (*HIDDEN, *HIDDEN, Dense(units=10), Activation("softmax"))


@architecture_check(points=1, part="uncompiled")
def input_shape(model: ModelSpec) -> None:
    """takes digits as rows of 784 numbers"""
    expect.input_shape(model, (784,))


@architecture_check(points=2, part="uncompiled", needs=input_shape)
def layers(model: ModelSpec) -> None:
    """two Dense of 64 with ReLU, and Dense of 10 with softmax"""
    expect.layer_order(model, NETWORK)
    expect.layer_settings(model, NETWORK)


@architecture_check(points=1, part="uncompiled", needs=layers)
def names(model: ModelSpec) -> None:
    """the input is called digits, the layers dense_1, dense_2 and predictions"""
    first = model.layer_of(model.inputs[0]).name
    if first != "digits":
        raise CheckFailed(message("wrong_input_name"), expected="digits", actual=first)
    expect.layer_names(model, ["dense_1", "dense_2", "predictions"])


@training_check(points=3, part="uncompiled", needs=layers)
def accurate(run: TrainingRun) -> None:
    """enough of the 10,000 test digits are right"""
    expect.test_accuracy_above(run, run.threshold)


@architecture_check(points=1, part="compiled")
def same_network(model: ModelSpec) -> None:
    """the second function gives the same network"""
    expect.input_shape(model, (784,))
    expect.layer_order(model, NETWORK)
    expect.layer_settings(model, NETWORK)


@architecture_check(points=2, part="compiled", needs=same_network)
def compiled(model: ModelSpec) -> None:
    """compiled with RMSprop, sparse categorical cross-entropy and its accuracy"""
    expect.compiled_with(
        model,
        optimizer="rmsprop",
        loss="sparse_categorical_crossentropy",
        metrics=["sparse_categorical_accuracy"],
    )
