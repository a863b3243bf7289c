"""A data set of three pictures of four dots, declared and generated as an author does it."""

from __future__ import annotations

from pathlib import Path

import pytest

DECLARATION = """format: 1
name: dots
title: "Dots"
pictures: {shape: [2, 2, 1], dtype: uint8}
labels: {dtype: uint8, classes: [0, 1], encoding: binary}
sizes: {train: 2, test: 1}
scaling: {divide: 255.0, subtract: 0.0}
files: []
generator: generate.py
seed: 7
"""
GENERATOR = """import numpy as np

def generate(seed):
    rng = np.random.default_rng(seed)
    return {
        "train_x": rng.integers(0, 256, (2, 2, 2, 1), dtype=np.uint8), "train_y": np.array([0, 1], np.uint8),
        "test_x": rng.integers(0, 256, (1, 2, 2, 1), dtype=np.uint8), "test_y": np.array([1], np.uint8),
    }
"""


@pytest.fixture
def dots(tmp_path: Path) -> Path:
    folder = tmp_path / "_datasets" / "dots"
    folder.mkdir(parents=True)
    (folder / "dataset.yaml").write_text(DECLARATION)
    (folder / "generate.py").write_text(GENERATOR)
    return folder


def rewrite(path: Path, old: str, new: str) -> None:
    """Have a file say `new` where it says `old`."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
