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
        self._train: Step | None = None
        self._predict: Step | None = None
        _make_variables(model, y)

    def fit(self, epochs: int, callbacks: Sequence[keras.callbacks.Callback]) -> dict[str, list[float]]:
        """Train for so many epochs, or until a callback ends it; returns each metric's value after each epoch."""
        model, order = self._model, _shuffled(len(self._x), self._batch_size)
        batches = [(tf.constant(self._x[rows]), tf.constant(self._y[rows])) for rows in order]
        if self._train is None:
            self._train = _traced(model.train_step, batches, self._batch_size)
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
        starts = range(0, len(x), self._batch_size)
        batches = [(tf.constant(x[start : start + self._batch_size]),) for start in starts]
        if self._predict is None:
            self._predict = _traced(self._model.predict_step, batches, self._batch_size)
        return np.concatenate([self._predict(batch).numpy() for batch in batches])


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


def _traced(step: Step, batches: Sequence[tuple[tf.Tensor, ...]], batch_size: int) -> Step:
    """A step of Keras as a graph: for batches of that size, or of any where the last one is smaller, as `fit` has it."""
    size = batch_size if all(len(rows) == batch_size for rows, *_ in batches) else None
    batch = tuple(tf.TensorSpec((size, *part.shape[1:]), part.dtype) for part in batches[0])
    traced: Step = tf.function(step, input_signature=[batch], autograph=False)
    return traced
