from __future__ import annotations

import pytest

from workers.guest.compat.likeness import nearest

LAYERS = [
    "Conv1D",
    "Conv2D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "BatchNormalization",
    "_Dense",
    "ELU",
    "Dense",
]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("MaxPooling", "MaxPooling2D"),
        ("conv2d", "Conv2D"),
        ("BatchNormalisation", "BatchNormalization"),
        ("elu1", "ELU"),
        ("dense", "Dense"),
        ("quux", None),
    ],
)
def test_the_name_that_was_meant(name: str, near: str | None) -> None:
    assert nearest(name, LAYERS) == near
