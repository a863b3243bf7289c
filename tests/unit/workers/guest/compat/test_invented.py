"""Invented data have the shapes and counts of the real ones, and none of their contents."""

from __future__ import annotations

import hashlib
import pickle
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.real_data import real_files
from workers.guest.compat import invented


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    invented._folder.cache_clear()


def test_traffic_signs() -> None:
    with Path(invented.place("anywhere/small_train_traffic.p")).open("rb") as file:
        data = pickle.load(file)
    assert data["features"].shape == (100, 32, 32, 3)
    assert Counter(data["labels"].tolist()) == {1: 19, 2: 19, 3: 19, 4: 22, 5: 21}
    again = np.load(invented.place("small_train_traffic.npz"))
    assert (again["labels"] == data["labels"]).all()


def test_a_file_that_is_there_stays() -> None:
    Path("test_happy.h5").write_bytes(b"mine")
    assert invented.place("test_happy.h5") == "test_happy.h5"
    assert invented.place("notes.txt") == "notes.txt"
    assert invented.place(3) == 3


def test_course_loaders() -> None:
    x, y, _, v, classes = invented.load_signs()
    assert (x.shape, y.shape, v.shape, classes.tolist()) == (
        (1080, 64, 64, 3),
        (1, 1080),
        (1, 120),
        [0, 1, 2, 3, 4, 5],
    )


def test_no_real_picture_is_among_them() -> None:
    real = set()
    for path in real_files("traffic/small_train_traffic.npz", "traffic/small_test_traffic.npz"):
        with np.load(path) as file:
            real |= {hashlib.sha256(row.tobytes()).digest() for row in file["features"]}
    made = [row for part in ("train", "test") for row in invented.traffic(part)["features"]]
    assert not real & {hashlib.sha256(row.tobytes()).digest() for row in made}
