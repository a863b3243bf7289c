"""Our `fit` and `predict` give the numbers of Keras's own, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.training

# TensorFlow is imported by the tests themselves: each process that shares the suite collects this file.


def plain():
    from keras import layers

    return [layers.Dense(8, activation="tanh")]


def lively():
    from keras import layers

    return [
        layers.Conv2D(4, 3, kernel_regularizer="l2"),
        layers.BatchNormalization(),
        layers.MaxPooling2D(),
        layers.Dropout(0.3),
        layers.Flatten(),
        layers.Dense(8, activation="relu", kernel_constraint="non_neg"),
    ]


def compiled(network, shape, classes, optimizer, loss):
    import keras

    keras.utils.set_random_seed(3)
    head = keras.layers.Dense(classes, activation="softmax" if classes > 1 else "sigmoid")
    model = keras.Sequential([keras.Input(shape), *network(), head])
    model.compile(optimizer, loss, metrics=["accuracy"])
    return model


def ending(model):
    """Ends a training with its third epoch, from what it is told."""
    import keras

    def told(epoch, logs):
        assert set(logs) == {"loss", "accuracy"}
        model.stop_training = epoch == 2

    return keras.callbacks.LambdaCallback(on_epoch_end=told)


@pytest.mark.parametrize(
    ("rows", "network", "shape", "classes", "optimizer", "loss"),
    [
        (4, plain, (2,), 2, "adam", "categorical_crossentropy"),
        (70, lively, (8, 8, 3), 1, "adam", "binary_crossentropy"),
        (96, lively, (8, 8, 3), 5, "rmsprop", "sparse_categorical_crossentropy"),
        (32, plain, (5,), 5, "adadelta", "sparse_categorical_crossentropy"),
    ],
    ids=["fewer than a batch", "a smaller last batch", "whole batches", "one batch"],
)
def test_numbers_are_those_of_keras(rows, network, shape, classes, optimizer, loss):
    """Twice, since a model that is trained again goes on drawing from the same seed."""
    import tensorflow as tf

    from workers.training.fitting import Fitting

    tf.config.experimental.enable_op_determinism()
    drawn = np.random.default_rng(0)
    x, labels = drawn.random((rows, *shape), "float32"), drawn.integers(0, max(classes, 2), rows, "int32")
    one_hot = np.eye(max(classes, 2), dtype="float32")[labels][:, -classes:]
    y = labels if loss.startswith("sparse") else one_hot

    model = compiled(network, shape, classes, optimizer, loss)
    theirs = [
        (model.fit(x, y, 32, 4, verbose=0, callbacks=callbacks).history, model.predict(x, 32, verbose=0))
        for callbacks in ([], [ending(model)])
    ]
    model = compiled(network, shape, classes, optimizer, loss)
    fitting = Fitting(model, x, y, 32)
    ours = [(fitting.fit(4, callbacks), fitting.predict(x)) for callbacks in ([], [ending(model)])]

    assert [history for history, _ in ours] == [history for history, _ in theirs]
    assert [len(history["loss"]) for history, _ in ours] == [4, 3]
    for (_, own), (_, other) in zip(ours, theirs, strict=True):
        assert np.array_equal(own, other)
