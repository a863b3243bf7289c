"""Keras's `fit` and `predict` for arrays in memory: its own steps on its own order of rows, without what surrounds them.

The numbers are the same, bit for bit. Keras makes a new pipeline of tf.data twice for each epoch, which takes longer than
the epoch itself where rows are few: two thirds of a training on four points, a fifth of one on a hundred pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter

Step = Callable[..., Any]


class Fitting:
    """A compiled model, and rows to train it on: `x` (n, *shape) and `y` (n, *labels), in batches of `batch_size`.

    Each step is traced once, however often the model is trained again. The optimizer's variables are made at once.
    """

    def __init__(self, model: keras.Model, x: np.ndarray, y: np.ndarray, batch_size: int) -> None:
        self._model, self._x, self._y = model, x, y
        self._batch_size = batch_size
        self._train = traced(model.train_step, (x, y), self._size_of(x))
        self._predict: Step | None = None
        _make_variables(model, y)

    @property
    def steps(self) -> int:
        """In one epoch."""
        return -(-len(self._x) // self._batch_size)

    def fit(self, epochs: int, callbacks: Sequence[keras.callbacks.Callback]) -> dict[str, list[float]]:
        """Train for so many epochs, or until a callback ends it; returns each metric's value after each epoch."""
        model, order = self._model, _shuffled(len(self._x), self._batch_size)
        batches = [(tf.constant(self._x[rows]), tf.constant(self._y[rows])) for rows in order]
        told = keras.callbacks.CallbackList(callbacks, add_history=True, model=model)
        model.stop_training = False
        told.on_train_begin()
        for epoch in range(epochs):
            model.reset_metrics()
            told.on_epoch_begin(epoch)
            for batch in batches:
                self._train(batch)
            told.on_epoch_end(epoch, model.get_metrics_result())
            if model.stop_training:
                break
        model.optimizer.finalize_variable_values(model.trainable_weights)
        told.on_train_end()
        history: dict[str, list[float]] = model.history.history
        return history

    def predict(self, x: np.ndarray) -> np.ndarray:
        """What the model says to each row of `x` (m, *shape), as many rows each time."""
        if self._predict is None:
            self._predict = traced(self._model.predict_step, (x,), self._size_of(x))
        return np.concatenate([self._predict(batch).numpy() for batch in in_batches((x,), self._batch_size)])

    def _size_of(self, x: np.ndarray) -> int | None:
        """What Keras knows of the batches' size before it sees one: nothing where the last one is smaller."""
        return None if len(x) % self._batch_size else self._batch_size


def in_batches(arrays: Sequence[np.ndarray], size: int) -> list[tuple[tf.Tensor, ...]]:
    """So many rows of each array at a time, in order; the last batch may be smaller."""
    starts = range(0, len(arrays[0]), size)
    return [tuple(tf.constant(rows[start : start + size]) for rows in arrays) for start in starts]


def traced(step: Step, arrays: Sequence[np.ndarray], size: int | None) -> Step:
    """A step of Keras as a graph for batches of such arrays: of that size, or of any.

    Autograph would rewrite all of Keras below it, which Keras itself forbids, and leave files in /tmp.
    """
    batch = tuple(tf.TensorSpec((size, *rows.shape[1:]), rows.dtype) for rows in arrays)
    graph: Step = tf.function(step, input_signature=[batch], autograph=False)
    return graph


def _make_variables(model: keras.Model, y: np.ndarray) -> None:
    """Make what would else be made while TensorFlow traces the first step, which it would then trace a second time.

    The numbers are the same, bit for bit; the second trace costs as much as the whole rest of a small training.
    """
    model.optimizer.build(model.trainable_variables)
    model._compile_metrics.build(keras.KerasTensor((None, *y.shape[1:]), y.dtype.name), model.outputs[0])  # noqa: SLF001 - Keras has no public word for it


def _shuffled(count: int, batch_size: int) -> list[np.ndarray]:
    """The rows of each batch as `fit` draws them from Keras's seed: once, and the same in every epoch."""
    order = ArrayDataAdapter(np.arange(count), batch_size=batch_size, shuffle=True).get_tf_dataset()
    return [rows.numpy() for rows in order]
