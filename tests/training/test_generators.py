"""The built-in generators give what is declared, the same every time, and nothing of the test part in training."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from grader.settings import BUILT_IN_ASSIGNMENTS
from workers.training.datasets import generate
from workers.training.declaration import find_declarations, read_declaration
from workers.training.stored import fingerprint

pytestmark = pytest.mark.training

DECLARATIONS = find_declarations(BUILT_IN_ASSIGNMENTS)
COUNTS = {
    "traffic-signs": ((100, 20), [[19, 19, 19, 22, 21], [5, 5, 5, 2, 3]]),
    "happy-house": ((600, 150), [[264, 336], [66, 84]]),
    "mnist": (
        (60_000, 10_000),
        [
            [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
            [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
        ],
    ),
    "fashion-mnist": ((60_000, 10_000), [[6000] * 10, [1000] * 10]),
}


@cache
def _generated(name: str) -> dict[str, np.ndarray]:
    """What a built-in generator gives; not to be changed."""
    return generate(read_declaration(DECLARATIONS[name]), DECLARATIONS[name])


@pytest.mark.parametrize("name", COUNTS)
def test_generators_give_what_is_declared(name: str) -> None:
    arrays = _generated(name)
    sizes, counts = COUNTS[name]
    for part, size, expected in zip(("train", "test"), sizes, counts, strict=True):
        assert len(arrays[f"{part}_x"]) == size
        assert np.unique(arrays[f"{part}_y"], return_counts=True)[1].tolist() == expected


@pytest.mark.parametrize("name", COUNTS)
def test_generators_are_deterministic(name: str) -> None:
    again = generate(read_declaration(DECLARATIONS[name]), DECLARATIONS[name])
    assert fingerprint(_generated(name)) == fingerprint(again)


@pytest.mark.parametrize("name", COUNTS)
def test_labels_are_shuffled(name: str) -> None:
    """`validation_split=0.2` takes the last fifth: every class must be in it and in what is before it."""
    labels = _generated(name)["train_y"]
    cut = len(labels) * 4 // 5
    assert set(labels[:cut]) == set(labels[cut:]) == set(labels)


def test_no_picture_stands_in_both_parts() -> None:
    for name in COUNTS:
        arrays = _generated(name)
        train = {picture.tobytes() for picture in arrays["train_x"]}
        assert not any(picture.tobytes() in train for picture in arrays["test_x"])
