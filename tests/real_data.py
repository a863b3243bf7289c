"""The real files of the data sets, beside the project; a test that needs some says so where they are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"
_IDX = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
FILES = {
    "traffic-signs": ("traffic/small_train_traffic.p", "traffic/small_test_traffic.p"),
    "happy-house": ("happy/test_happy.h5",),
    "mnist": ("mnist/mnist.npz",),
    "fashion-mnist": tuple(f"fashion_mnist/{name}-ubyte.gz" for name in _IDX),
}
"""What is imported of each data set, below FOLDER."""


def real_files(*names: str) -> list[Path]:
    """Their paths, in that order; skips the test when one is missing."""
    paths = [FOLDER / name for name in names]
    if not all(path.exists() for path in paths):
        pytest.skip(f"the real files {', '.join(names)} are not in ../shared/data")
    return paths
