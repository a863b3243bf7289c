"""What compile-settings asks for."""

from __future__ import annotations

from grader.checks import architecture_check, expect
from grader.domain import compiled
from grader.domain.layers import Activation, Dense, Layer
from grader.domain.model_spec import ModelSpec

SGD = compiled.optimizer("sgd", learning_rate=0.01, decay=1e-6, momentum=0.9, nesterov=True)


def network(model: ModelSpec, *ending: Layer) -> None:
    expect.input_shape(model, (32,))
    for look in (expect.layer_order, expect.layer_settings):
        look(model, (Dense(units=128), Activation("relu"), *ending))


@architecture_check(points=1, part="binary")
def binary_network(model: ModelSpec) -> None:
    """binary: 32 numbers, Dense 128 with ReLU, and one answer with a sigmoid"""
    network(model, Dense(units=1), Activation("sigmoid"))


@architecture_check(points=1, part="binary")
def binary_compiled(model: ModelSpec) -> None:
    """binary: RMSprop, binary cross-entropy, accuracy"""
    expect.compiled_with(model, optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])


@architecture_check(points=1, part="multiclass")
def multiclass_network(model: ModelSpec) -> None:
    """multiclass: 32 numbers, Dense 128 with ReLU, and 10 classes with a softmax"""
    network(model, Dense(units=10), Activation("softmax"))


@architecture_check(points=1, part="multiclass")
def multiclass_compiled(model: ModelSpec) -> None:
    """multiclass: RMSprop, categorical cross-entropy, accuracy"""
    expect.compiled_with(model, optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])


@architecture_check(points=2, part="regression")
def regression(model: ModelSpec) -> None:
    """regression: one plain number, RMSprop, the mean squared error"""
    network(model, Dense(units=1))
    expect.compiled_with(model, optimizer="rmsprop", loss="mse")


@architecture_check(points=1, part="regression", needs=regression)
def own_metric(model: ModelSpec) -> None:
    """regression: a metric function of your own"""
    expect.compiled_with(model, metrics=[expect.OWN_METRIC])


@architecture_check(points=3, part="momentum_sgd")
def momentum_sgd(model: ModelSpec) -> None:
    """momentum_sgd: the network of multiclass with SGD 0.01, decay 1e-6, momentum 0.9, Nesterov"""
    network(model, Dense(units=10), Activation("softmax"))
    expect.compiled_with(model, optimizer=SGD, loss="categorical_crossentropy", metrics=["accuracy"])
