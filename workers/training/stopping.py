"""Ends a training once its validation rows show that it has learnt, or learns no more; the best epoch's weights count."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import keras

from grader.domain.training import Stopping

Look = Callable[[], Mapping[str, float]]
"""Gives `loss` and `accuracy` on the validation rows."""


class StopWhenLearnt(keras.callbacks.Callback):
    """Watches validation loss and accuracy after each epoch that is judged; a loss that is not finite is never the best.

    Moving averages that lag behind can hide for many epochs what a network has learnt. So before a training ends for lack of
    progress, and after its last epoch, comes a `second_look`, with renewed statistics, where the network has any.
    """

    def __init__(self, stopping: Stopping, epochs: int, second_look: Look | None = None) -> None:
        super().__init__()
        self._stopping = stopping
        self._epochs = epochs
        self._second_look = second_look
        self._best_loss = math.inf
        self._best_weights: list[Any] | None = None
        self._epochs_without = 0
        self.best_epoch = 0
        """Whose weights count, counted from 1; the last one where no epoch was ever judged to be the best."""

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Keep the weights of the best epoch, and say when it is enough."""
        if self._best_weights is None:
            self.best_epoch = epoch + 1
        measured = logs or {}
        if math.isnan(measured["val_accuracy"]):
            return  # this epoch was not judged
        self._epochs_without += 1
        has_learnt = self._is_enough(epoch, measured["val_loss"], measured["val_accuracy"])
        is_stuck = self._epochs_without >= self._stopping.patience
        if self._second_look is not None and not has_learnt and (is_stuck or epoch + 1 == self._epochs):
            seen = self._second_look()
            has_learnt = self._is_enough(epoch, seen["loss"], seen["accuracy"])
            is_stuck = self._epochs_without >= self._stopping.patience
        if has_learnt or is_stuck:
            self.model.stop_training = True

    def _is_enough(self, epoch: int, loss: float, accuracy: float) -> bool:
        """Whether this accuracy is what is asked for; keeps the weights where this loss is the lowest so far."""
        if loss < self._best_loss:
            self._best_loss, self._epochs_without = loss, 0
            self._best_weights, self.best_epoch = self.model.get_weights(), epoch + 1
        return accuracy >= self._stopping.accuracy

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
        """Go back to the best epoch."""
        del logs
        if self._best_weights is not None:
            self.model.set_weights(self._best_weights)
