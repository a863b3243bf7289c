"""Synthetic data is as hard as the real thing: a few seeds here, many in docs/calibration.md."""

from __future__ import annotations

import statistics
from pathlib import Path
from types import ModuleType

import pytest

from grader.settings import BUILT_IN_ASSIGNMENTS
from tests.real_data import FILES, real_files
from workers.training.datasets import Dataset, load_dataset
from workers.training.declaration import find_declarations
from workers.training.importing import import_dataset

pytestmark = pytest.mark.training

DECLARATIONS = find_declarations(BUILT_IN_ASSIGNMENTS)


def _synthetic(name: str, folder: Path) -> Dataset:
    return load_dataset(name, declarations=DECLARATIONS, data_dir=folder)


def _real(name: str, folder: Path) -> Dataset:
    import_dataset(name, real_files(*FILES[name]), declarations=DECLARATIONS, data_dir=folder)
    return load_dataset(name, declarations=DECLARATIONS, data_dir=folder)


def _mean(hardness: ModuleType, data: Dataset, model: str, seeds: int) -> float:
    arrays = {part: getattr(data, part) for part in ("train_x", "train_y", "test_x", "test_y")}
    trial = hardness.TRIALS[data.name][model]
    return statistics.mean(hardness.measure(data.name, trial, arrays, seed) for seed in range(seeds))


def test_signs_are_as_hard_and_keep_the_order_of_models(
    hardness: ModuleType, data_of_all: Path, tmp_path: Path
) -> None:
    """Six seeds have a standard error of 0.03 each: the bound is 0.05 and three of those."""
    dense = []
    for data in (_synthetic("traffic-signs", data_of_all), _real("traffic-signs", tmp_path)):
        dense.append(_mean(hardness, data, "dense", 6))
        assert _mean(hardness, data, "constant", 1) < 0.3 < _mean(hardness, data, "linear", 6) < dense[-1]
    assert abs(dense[0] - dense[1]) < 0.14


def test_faces_keep_the_order_of_models(hardness: ModuleType, data_of_all: Path, tmp_path: Path) -> None:
    for data in (_synthetic("happy-house", data_of_all), _real("happy-house", tmp_path)):
        constant, colour, linear = (
            _mean(hardness, data, model, 1) for model in ("constant", "colour", "linear")
        )
        assert max(constant, colour) < 0.8 < linear


def test_the_reference_happy_model_on_the_real_faces(hardness: ModuleType, tmp_path: Path) -> None:
    assert _mean(hardness, _real("happy-house", tmp_path), "reference", 1) > 0.8


@pytest.mark.parametrize(
    ("name", "reference", "linear", "threshold"),
    [("mnist", "elu", "elu-linear", 0.88), ("fashion-mnist", "reference", "linear", 0.70)],
)
def test_pictures_of_28_are_as_hard_and_keep_the_order_of_models(
    hardness: ModuleType,
    data_of_all: Path,
    tmp_path: Path,
    name: str,
    reference: str,
    linear: str,
    threshold: float,
) -> None:
    figures = []
    for data in (_synthetic(name, data_of_all), _real(name, tmp_path)):
        figures.append(_mean(hardness, data, reference, 1))
        assert _mean(hardness, data, "constant", 1) < 0.2
        assert threshold < figures[-1]
        assert _mean(hardness, data, linear, 1) < figures[-1]
    assert abs(figures[0] - figures[1]) < 0.05
