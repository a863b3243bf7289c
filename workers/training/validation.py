"""Loss and accuracy on the rows kept for validation, after each epoch: Keras's own step, without what `evaluate` does around it.

The numbers are those of `fit(validation_split=…)`, bit for bit. Its loop over a data set costs more than twice what the step
does, when there are a hundred rows.
"""

from __future__ import annotations

import math

import keras
import numpy as np

from workers.training.fitting import Step, in_batches, traced


class Validation(keras.callbacks.Callback):
    """Adds `val_loss` and `val_accuracy` to what is told after each epoch; stands before whoever wants to read them.

    `x` (n, *shape) and `y` (n, *labels) are the rows, judged in batches of `batch_size`, from the epoch `earliest` on,
    counted from 1; before, both are told as not a number.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray, batch_size: int, earliest: int = 1) -> None:
        super().__init__()
        self._earliest = earliest
        self._rows = (x, y)
        self._batches = in_batches(self._rows, batch_size)
        self._step: Step | None = None

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Prepare one step for batches of any size: the last one is smaller."""
        del logs
        if self._step is None:
            self._step = traced(self.model.test_step, self._rows, None)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Judge all rows; the next epoch begins with fresh metrics anyway."""
        assert logs is not None
        if epoch + 1 < self._earliest:
            logs |= dict.fromkeys(("val_loss", "val_accuracy"), math.nan)
            return
        logs |= {f"val_{name}": value for name, value in self.judge().items()}

    def judge(self) -> dict[str, float]:
        """Loss and accuracy on all rows as the model is now."""
        assert self._step is not None
        self.model.reset_metrics()
        for batch in self._batches:
            self._step(batch)
        return {name: float(value) for name, value in self.model.get_metrics_result().items()}
