"""The real files of MNIST and Fashion-MNIST, of 60,000 pictures each; small ones are read among the unit tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grader.settings import BUILT_IN_ASSIGNMENTS
from tests.real_data import FILES, real_files
from workers.training.datasets import Dataset, load_dataset
from workers.training.declaration import find_declarations
from workers.training.importing import Imported, ImportRefused, import_dataset

DECLARATIONS = find_declarations(BUILT_IN_ASSIGNMENTS)


def imported(name: str, files: list[Path], folder: Path) -> Imported:
    return import_dataset(name, files, declarations=DECLARATIONS, data_dir=folder)


def loaded(name: str, folder: Path) -> Dataset:
    return load_dataset(name, declarations=DECLARATIONS, data_dir=folder)


def test_a_file_of_digits_holds_both_parts(tmp_path: Path) -> None:
    result = imported("mnist", real_files(*FILES["mnist"]), tmp_path)
    assert (result.train, result.test, result.was_split, result.unknown_files) == (60_000, 10_000, False, ())
    data = loaded("mnist", tmp_path)
    assert data.origin == "real"
    assert np.bincount(data.train_y)[:2].tolist() == [5923, 6742]
    assert np.bincount(data.test_y)[:2].tolist() == [980, 1135]


def test_clothes_come_as_four_files_and_are_no_digits(tmp_path: Path) -> None:
    files = real_files(*FILES["fashion-mnist"])
    with pytest.raises(ImportRefused, match="this is a file of fashion-mnist, not of mnist"):
        imported("mnist", files, tmp_path)
    with pytest.raises(ImportRefused, match=r"labels of the part test .*t10k-labels-idx1-ubyte"):
        imported("fashion-mnist", files[:3], tmp_path)
    assert not (tmp_path / "datasets").exists()
    result = imported("fashion-mnist", files, tmp_path)
    assert (result.train, result.test, result.unknown_files) == (60_000, 10_000, ())
    assert np.bincount(loaded("fashion-mnist", tmp_path).test_y)[3] == 1000
