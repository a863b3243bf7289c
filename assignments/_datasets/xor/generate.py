"""XOR: all four points, and whether exactly one of the two numbers is 1."""

from __future__ import annotations

import numpy as np


def generate(_seed: int) -> dict[str, np.ndarray]:
    """Points (4, 2) float32 and labels (4,) uint8; training and test are the same four, since there are no others."""
    points = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    labels = (points[:, 0] != points[:, 1]).astype(np.uint8)
    return {"train_x": points, "train_y": labels, "test_x": points.copy(), "test_y": labels.copy()}
