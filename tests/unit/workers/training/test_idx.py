"""idx files are bounded before they are unpacked, and what is none is refused in words."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from workers.training.declaration import (
    Declaration,
    Encoding,
    Labels,
    Pictures,
    Scaling,
    Sizes,
    read_declaration,
)
from workers.training.foreign import ImportRefused
from workers.training.idx import read_idx
from workers.training.importing import import_dataset

DOTS = Declaration(
    1, "dots", "Dots", Pictures((3, 2), "uint8"), Labels("uint8", (0, 1), Encoding.ONE_HOT), Sizes(4, 2), Scaling(1.0, 0.0), "generate.py", 0
)  # fmt: skip
PICTURES = np.arange(24, dtype=np.uint8).reshape(4, 3, 2)
YAML = """format: 1
name: dots
title: "Dots"
pictures: {shape: [3, 2], dtype: uint8}
labels: {dtype: uint8, classes: [0, 1], encoding: one-hot}
sizes: {train: 4, test: 2}
scaling: {divide: 1.0, subtract: 0.0}
files:
  - {name: train-images-idx3-ubyte, part: train, format: idx, pictures: data}
  - {name: train-labels-idx1-ubyte, part: train, format: idx, labels: data}
  - {name: t10k-images-idx3-ubyte, part: test, format: idx, pictures: data}
  - {name: t10k-labels-idx1-ubyte, part: test, format: idx, labels: data}
generator: generate.py
seed: 0
"""


def _idx(array: np.ndarray, code: int = 0x08) -> bytes:
    return bytes([0, 0, code, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def _read(content: bytes) -> np.ndarray:
    return read_idx(content, {"data"}, DOTS)["data"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzipped"])
def test_plain_or_gzipped(pack) -> None:
    np.testing.assert_array_equal(_read(pack(_idx(PICTURES))), PICTURES)


def test_big_endian_numbers_come_in_this_machines_order() -> None:
    array = _read(_idx(np.array([1.5, -2.0], ">f4"), 0x0D))
    assert array.dtype == np.dtype("float32")
    assert array.tolist() == [1.5, -2.0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "ends too early"),
        (b"\x00\x00\x08\x03\x00\x00", "ends too early"),
        (b"\x00\x00\x07\x01" + bytes(8), "does not begin as an idx file"),
        (b"\x00\x00\x08\x00" + bytes(8), "does not begin as an idx file"),
        (b"\x00\x00\x08\x05" + bytes(20), "does not begin as an idx file"),
        (b"\x80\x04\x95\x00" + bytes(8), "does not begin as an idx file"),
        (b"\x00\x00\x08\x03" + b"\xff" * 12, "expected at most"),
        (_idx(PICTURES)[:-1], "ends too early"),
        (_idx(PICTURES) + b"more", "more numbers than its shape"),
        (gzip.compress(_idx(PICTURES), mtime=0)[:-9], "not a whole gzip file"),
        (gzip.compress(_idx(PICTURES), mtime=0)[:12], "not a whole gzip file"),
        (b"\x1f\x8b\x08\x00" + b"garbage" * 20, "not a whole gzip file"),
    ],
)
def test_what_is_none(content: bytes, message: str) -> None:
    with pytest.raises(ImportRefused, match=message):
        _read(content)


def test_a_gzip_bomb_is_not_unpacked() -> None:
    """64 MiB of zeros after what the header asks for."""
    bomb = gzip.compress(_idx(PICTURES) + bytes(64 * 1024**2), 1)
    tracemalloc.start()
    with pytest.raises(ImportRefused, match="more numbers than its shape"):
        _read(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * 1024**2


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """The four files of a small data set, the first one gzipped; its declaration lies in `dots`."""
    (tmp_path / "dots").mkdir()
    (tmp_path / "dots" / "dataset.yaml").write_text(YAML)
    (tmp_path / "dots" / "generate.py").write_text("")
    labels = np.array([0, 1, 0, 1], np.uint8)
    arrays = {"train-images-idx3": PICTURES, "train-labels-idx1": labels}
    arrays |= {"t10k-images-idx3": PICTURES[:2], "t10k-labels-idx1": labels[:2]}
    for name, array in arrays.items():
        (tmp_path / f"{name}-ubyte").write_bytes(_idx(array))
    first = tmp_path / "train-images-idx3-ubyte"
    (tmp_path / f"{first.name}.gz").write_bytes(gzip.compress(first.read_bytes()))
    return [tmp_path / f"{first.name}.gz", *(tmp_path / f"{name}-ubyte" for name in list(arrays)[1:])]


def test_four_files_are_one_data_set(files: list[Path], tmp_path: Path) -> None:
    declarations = {"dots": tmp_path / "dots"}
    assert read_declaration(tmp_path / "dots").files[0].arrays == {"train_x": "data"}
    result = import_dataset("dots", files, declarations=declarations, data_dir=tmp_path)
    assert (result.train, result.test, len(result.unknown_files)) == (4, 2, 4)
    with pytest.raises(
        ImportRefused, match=r"labels of the part test is missing: hand over t10k-labels-idx1-ubyte"
    ):
        import_dataset("dots", files[:3], declarations=declarations, data_dir=tmp_path)
    with pytest.raises(ImportRefused, match="same part"):
        import_dataset("dots", [*files, files[1]], declarations=declarations, data_dir=tmp_path)


def test_files_that_do_not_fit(files: list[Path], tmp_path: Path) -> None:
    declarations = {"dots": tmp_path / "dots"}
    files[1].write_bytes(_idx(np.array([0, 1, 2, 1], np.uint8)))
    with pytest.raises(ImportRefused, match=r"train-labels-idx1-ubyte: the label 2 is none"):
        import_dataset("dots", files, declarations=declarations, data_dir=tmp_path)
    files[1].write_bytes(_idx(np.array([0, 1, 1], np.uint8)))
    with pytest.raises(ImportRefused, match=r"train-labels-idx1-ubyte: labels have shape \(3,\)"):
        import_dataset("dots", files, declarations=declarations, data_dir=tmp_path)
    assert not (tmp_path / "datasets").exists()
