"""The only place that holds the labels of a test: predictions in, accuracy out."""

from __future__ import annotations

import numpy as np

from grader.domain.errors import TrainerFault
from workers.training.datasets import Dataset


def test_accuracy(predictions: np.ndarray, dataset: Dataset) -> float:
    """The share of test pictures, in [0, 1], whose prediction is their label; a prediction that is NaN is wrong."""
    count = len(dataset.test_y)
    if predictions.dtype != np.float32 or predictions.shape[:1] != (count,):
        detail = (
            f"predictions have shape {predictions.shape} and type {predictions.dtype}, expected {count} rows"
        )
        raise TrainerFault(detail)
    rows = predictions.reshape(count, -1)
    finite = np.isfinite(rows).all(axis=1)
    decided = dataset.decoded(np.where(finite[:, None], rows, 0))
    return float(np.mean((decided == dataset.test_y) & finite))
