"""Ends a training once its validation rows show that it has learnt, or learns no more; the best epoch's weights count."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras

from grader.domain.training import Stopping


class StopWhenLearnt(keras.callbacks.Callback):
    """Watches validation loss and accuracy after each epoch that is judged; a loss that is not finite is never the best."""

    def __init__(self, stopping: Stopping) -> None:
        super().__init__()
        self._stopping = stopping
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
        if measured["val_loss"] < self._best_loss:
            self._best_loss, self._epochs_without = measured["val_loss"], 0
            self._best_weights, self.best_epoch = self.model.get_weights(), epoch + 1
        else:
            self._epochs_without += 1
        has_learnt = measured["val_accuracy"] >= self._stopping.accuracy
        if has_learnt or self._epochs_without >= self._stopping.patience:
            self.model.stop_training = True

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
        """Go back to the best epoch."""
        del logs
        if self._best_weights is not None:
            self.model.set_weights(self._best_weights)
