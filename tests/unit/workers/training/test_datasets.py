"""Synthetic data is the same every time, and damaged data is never used."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from grader.domain.errors import AuthorError, DataUnavailable
from grader.settings import BUILT_IN_ASSIGNMENTS
from tests.unit.workers.training.conftest import rewrite
from workers.training.datasets import Dataset, generate, load_dataset
from workers.training.declaration import Encoding, Origin, find_declarations, read_declaration
from workers.training.stored import Manifest, fingerprint, store

DECLARATIONS = find_declarations(BUILT_IN_ASSIGNMENTS)


def _load(dots: Path) -> Dataset:
    return load_dataset("dots", declarations={"dots": dots}, data_dir=dots.parent / "data")


def test_synthetic_from_the_cache_is_the_same(dots: Path) -> None:
    first, again = _load(dots), _load(dots)
    assert first.origin == "synthetic"
    assert first.sha256 == again.sha256
    np.testing.assert_array_equal(first.train_x, again.train_x)
    assert not first.train_x.flags.writeable


def test_a_damaged_cache_mends_itself(dots: Path) -> None:
    first = _load(dots)
    damaged = next((dots.parent / "data" / "cache").glob("dots-*/train_x.npy"))
    damaged.write_bytes(b"broken")
    assert _load(dots).sha256 == first.sha256


def test_a_changed_generator_makes_new_data(dots: Path) -> None:
    first = _load(dots)
    rewrite(dots / "generate.py", "default_rng(seed)", "default_rng(seed + 1)")
    assert _load(dots).sha256 != first.sha256


def test_imported_data_goes_first_and_damage_is_noticed(dots: Path) -> None:
    arrays = generate(read_declaration(dots), dots)
    arrays["train_x"] = 255 - arrays["train_x"]
    folder = dots.parent / "data" / "datasets" / "dots"
    store(folder, Manifest(1, "dots", Origin.REAL, fingerprint(arrays), {}), arrays)
    assert _load(dots).origin == "real"
    np.save(folder / "train_x.npy", 255 - arrays["train_x"])
    with pytest.raises(DataUnavailable, match="not what was stored"):
        _load(dots)
    (folder / "train_x.npy").unlink()
    with pytest.raises(DataUnavailable, match="cannot be read"):
        _load(dots)


def test_an_unknown_name(dots: Path) -> None:
    with pytest.raises(DataUnavailable, match="did you mean 'dots'"):
        load_dataset("dotz", declarations={"dots": dots}, data_dir=dots)


def _dataset(encoding: Encoding, classes: tuple[int, ...]) -> Dataset:
    declaration = read_declaration(DECLARATIONS["traffic-signs"])
    none = np.zeros(0, np.uint8)
    return Dataset("x", Origin.SYNTHETIC, "", none, none, none, none, classes, declaration.scaling, encoding)


def test_scaling_and_labels_one_hot() -> None:
    dataset = _dataset(Encoding.ONE_HOT, (1, 2, 5))
    scaled = dataset.scaled(np.array([0, 255], np.uint8))
    assert scaled.dtype == np.float32
    assert scaled.tolist() == [-0.5, 0.5]
    assert dataset.encoded(np.array([5, 1])).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert dataset.decoded(np.array([[0.1, 0.2, 0.7], [0.8, 0.1, 0.1]])).tolist() == [5, 1]


def test_labels_as_places_for_a_sparse_loss() -> None:
    for encoding, loss in ((Encoding.ONE_HOT, "sparse_categorical_crossentropy"), (Encoding.INTEGER, "")):
        dataset = _dataset(encoding, (1, 2, 5))
        encoded = dataset.encoded(np.array([5, 1], np.uint8), loss)
        assert (encoded.dtype, encoded.tolist()) == (np.int32, [2, 0])
        assert dataset.decoded(np.array([[-3.0, 2.5, 1.0]])).tolist() == [2]


def test_the_four_points_of_xor_are_exact_and_not_synthetic(tmp_path: Path) -> None:
    data = load_dataset("xor", declarations=DECLARATIONS, data_dir=tmp_path)
    assert data.origin == "exact"
    assert data.train_x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert data.train_y.tolist() == data.test_y.tolist() == [0, 1, 1, 0]
    assert data.train_x.dtype == np.float32


def test_labels_binary() -> None:
    dataset = _dataset(Encoding.BINARY, (0, 1))
    assert dataset.encoded(np.array([1, 0])).tolist() == [[1], [0]]
    assert dataset.decoded(np.array([[0.7], [0.5]])).tolist() == [1, 0]


def test_a_generator_that_gives_something_else(dots: Path) -> None:
    rewrite(dots / "generate.py", "[0, 1], np.uint8", "[0, 3], np.uint8")
    with pytest.raises(AuthorError, match="label 3 is none of the classes"):
        _load(dots)
    shutil.rmtree(dots.parent / "data", ignore_errors=True)
    rewrite(dots / "generate.py", "(2, 2, 2, 1)", "(2, 2, 2, 3)")
    with pytest.raises(AuthorError, match=r"shape \(2, 2, 2, 3\)"):
        _load(dots)


def test_a_course_on_synthetic_data_stays_there_after_an_import(dots: Path) -> None:
    declarations, data = {"dots": dots}, dots.parent / "data"
    synthetic = load_dataset("dots", declarations=declarations, data_dir=data)
    arrays = generate(read_declaration(dots), dots)
    arrays["test_y"] = 1 - arrays["test_y"]
    manifest = Manifest(1, "dots", Origin.REAL, fingerprint(arrays), {})
    store(data / "datasets" / "dots", manifest, arrays)
    for sha256, origin in ((None, "real"), (manifest.sha256, "real"), (synthetic.sha256, "synthetic")):
        assert load_dataset("dots", sha256, declarations=declarations, data_dir=data).origin == origin
    with pytest.raises(DataUnavailable, match=r"sha256:00000000….*has real .* and synthetic "):
        load_dataset("dots", "sha256:" + 64 * "0", declarations=declarations, data_dir=data)
