"""Prepared pictures are made once, hold no label, and are made anew when they are not whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from workers.training.datasets import Dataset
from workers.training.declaration import Encoding, Origin, Scaling
from workers.training.prepared import PreparedInputs, is_whole

PICTURES = np.arange(24, dtype=np.uint8).reshape(2, 12)


@pytest.fixture
def dots() -> Dataset:
    labels = np.array([0, 1], np.uint8)
    return Dataset(
        "dots", Origin.SYNTHETIC, "sha256:x", PICTURES, labels, PICTURES[:1], labels[:1], (0, 1), Scaling(2.0, 1.0), Encoding.ONE_HOT
    )  # fmt: skip


def _times(folder: Path) -> list[int]:
    return [path.stat().st_mtime_ns for path in sorted(folder.iterdir())]


def test_made_once_and_without_labels(tmp_path: Path, dots: Dataset) -> None:
    folder = PreparedInputs(tmp_path / "cache").folder(dots, tmp_path)
    made = _times(folder)
    assert {path.name for path in folder.iterdir()} == {"train_x.npy", "test_x.npy", "sha256.txt"}
    assert PreparedInputs(tmp_path / "cache").folder(dots, tmp_path) == folder
    assert _times(folder) == made
    np.testing.assert_array_equal(np.load(folder / "train_x.npy"), PICTURES.astype(np.float32) / 2 - 1)


def test_other_data_and_other_scaling_are_other_folders(tmp_path: Path, dots: Dataset) -> None:
    prepared = PreparedInputs(tmp_path)
    others = (dots, replace(dots, sha256="sha256:y"), replace(dots, scaling=Scaling(1.0, 0.0)))
    assert len({prepared.folder(one, tmp_path) for one in others}) == 3


def test_a_damaged_folder_mends_itself(tmp_path: Path, dots: Dataset) -> None:
    folder = PreparedInputs(tmp_path).folder(dots, tmp_path)
    whole = (folder / "test_x.npy").read_bytes()
    (folder / "test_x.npy").write_bytes(whole[:-1] + b"\xff")
    assert not is_whole(folder)
    assert PreparedInputs(tmp_path).folder(dots, tmp_path) == folder
    assert (folder / "test_x.npy").read_bytes() == whole
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_a_cache_that_is_emptied_while_a_worker_runs(tmp_path: Path, dots: Dataset) -> None:
    prepared = PreparedInputs(tmp_path / "cache")
    folder = prepared.folder(dots, tmp_path)
    (folder / "train_x.npy").unlink()
    assert is_whole(prepared.folder(dots, tmp_path))


def test_without_a_cache_they_go_into_the_scratch_folder(tmp_path: Path, dots: Dataset) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert PreparedInputs(tmp_path / "cache").folder(dots, scratch) == scratch
    assert is_whole(scratch)
