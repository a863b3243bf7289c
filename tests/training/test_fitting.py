"""Our `fit` and `predict` give the numbers of Keras's own, bit for bit."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from workers.training.fitting import Fitting

pytestmark = pytest.mark.training

PLAIN = [layers.Dense(8, activation="tanh")]
LIVELY = [
    layers.Conv2D(4, 3, kernel_regularizer="l2"),
    layers.BatchNormalization(),
    layers.MaxPooling2D(),
    layers.Dropout(0.3),
    layers.Flatten(),
    layers.Dense(8, activation="relu", kernel_constraint="non_neg"),
]


class Ending(keras.callbacks.Callback):
    """Ends a training with its third epoch, from what it is told."""

    def on_epoch_end(self, epoch, logs=None):
        assert set(logs) == {"loss", "accuracy"}
        self.model.stop_training = epoch == 2


def compiled(network, shape, classes, optimizer, loss):
    keras.utils.set_random_seed(3)
    head = layers.Dense(classes, activation="softmax" if classes > 1 else "sigmoid")
    model = keras.Sequential([keras.Input(shape), *map(again, network), head])
    model.compile(optimizer, loss, metrics=["accuracy"])
    return model


def again(layer):
    return type(layer).from_config(layer.get_config())


@pytest.mark.parametrize(
    ("rows", "network", "shape", "classes", "optimizer", "loss"),
    [
        (4, PLAIN, (2,), 2, "adam", "categorical_crossentropy"),
        (70, LIVELY, (8, 8, 3), 1, "adam", "binary_crossentropy"),
        (96, LIVELY, (8, 8, 3), 5, "rmsprop", "sparse_categorical_crossentropy"),
        (32, PLAIN, (5,), 5, "adadelta", "sparse_categorical_crossentropy"),
    ],
    ids=["fewer than a batch", "a smaller last batch", "whole batches", "one batch"],
)
def test_numbers_are_those_of_keras(rows, network, shape, classes, optimizer, loss):
    """Twice, since a model that is trained again goes on drawing from the same seed."""
    tf.config.experimental.enable_op_determinism()
    drawn = np.random.default_rng(0)
    x, labels = drawn.random((rows, *shape), "float32"), drawn.integers(0, max(classes, 2), rows, "int32")
    one_hot = np.eye(max(classes, 2), dtype="float32")[labels][:, -classes:]
    y = labels if loss.startswith("sparse") else one_hot

    model = compiled(network, shape, classes, optimizer, loss)
    theirs = [
        (model.fit(x, y, 32, 4, verbose=0, callbacks=callbacks).history, model.predict(x, 32, verbose=0))
        for callbacks in ([], [Ending()])
    ]
    model = compiled(network, shape, classes, optimizer, loss)
    fitting = Fitting(model, x, y, 32)
    ours = [(fitting.fit(4, callbacks), fitting.predict(x)) for callbacks in ([], [Ending()])]

    assert [history for history, _ in ours] == [history for history, _ in theirs]
    assert [len(history["loss"]) for history, _ in ours] == [4, 3]
    for (_, own), (_, other) in zip(ours, theirs, strict=True):
        assert np.array_equal(own, other)
