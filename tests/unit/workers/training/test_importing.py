"""Real files are read in their original forms; bad files are refused in words and nothing is stored."""

from __future__ import annotations

import os
import pickle
import shutil
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from grader.settings import BUILT_IN_ASSIGNMENTS
from tests.real_data import FILES, real_files
from workers.training.datasets import load_dataset
from workers.training.declaration import find_declarations
from workers.training.importing import Imported, ImportRefused, import_dataset

DECLARATIONS = find_declarations(BUILT_IN_ASSIGNMENTS)
RNG = np.random.default_rng(0)
LABELS = {
    "train": np.tile(np.arange(1, 6, dtype=np.uint8), 20),
    "test": np.tile(np.arange(1, 6, dtype=np.uint8), 4),
}
SIGNS = {part: RNG.integers(0, 256, (len(y), 32, 32, 3), dtype=np.uint8) for part, y in LABELS.items()}
FACES = RNG.integers(0, 256, (150, 64, 64, 3), dtype=np.uint8)
MOODS = np.repeat(np.array([0, 1]), (66, 84))


def _pickles(folder: Path, **train: object) -> list[Path]:
    paths = []
    for part in ("train", "test"):
        content = {"features": SIGNS[part], "labels": LABELS[part]} | (train if part == "train" else {})
        paths.append(folder / f"small_{part}_traffic.p")
        paths[-1].write_bytes(pickle.dumps(content))
    return paths


def _faces(path: Path, x: np.ndarray = FACES, y: np.ndarray = MOODS, prefix: str = "test") -> Path:
    with h5py.File(path, "w") as archive:
        archive[f"{prefix}_set_x"], archive[f"{prefix}_set_y"], archive["list_classes"] = x, y, [0, 1]
    return path


def _import(name: str, files: list[Path], data_dir: Path) -> Imported:
    return import_dataset(name, files, declarations=DECLARATIONS, data_dir=data_dir)


def _refused(name: str, files: list[Path], tmp_path: Path, match: str) -> None:
    with pytest.raises(ImportRefused, match=match):
        _import(name, files, tmp_path / "data")
    assert not (tmp_path / "data" / "datasets").exists()


def test_the_real_signs_from_both_forms_are_the_same_data(tmp_path: Path) -> None:
    forms = [
        real_files(*(f"traffic/small_{part}_traffic.{end}" for part in ("train", "test")))
        for end in ("p", "npz")
    ]
    results = [_import("traffic-signs", files, tmp_path) for files in forms]
    assert results[0] == results[1]
    assert results[0].unknown_files == ()
    data = load_dataset("traffic-signs", declarations=DECLARATIONS, data_dir=tmp_path)
    assert (data.origin, data.sha256) == ("real", results[0].sha256)
    assert np.unique(data.train_y, return_counts=True)[1].tolist() == [19, 19, 19, 22, 21]
    assert np.unique(data.test_y, return_counts=True)[1].tolist() == [5, 5, 5, 2, 3]


def test_the_real_faces_are_split(tmp_path: Path) -> None:
    result = _import("happy-house", real_files(*FILES["happy-house"]), tmp_path)
    assert (result.train, result.test, result.was_split) == (100, 50, True)
    data = load_dataset("happy-house", declarations=DECLARATIONS, data_dir=tmp_path)
    assert np.bincount(data.train_y).tolist() == [44, 56]
    assert np.bincount(data.test_y).tolist() == [22, 28]


def test_a_renamed_known_file_is_recognised(tmp_path: Path) -> None:
    copy = tmp_path / "download (1).h5"
    shutil.copyfile(real_files(*FILES["happy-house"])[0], copy)
    assert _import("happy-house", [copy], tmp_path).test == 50


def test_pickles_of_the_right_shape_are_taken_and_called_unknown(tmp_path: Path) -> None:
    result = _import("traffic-signs", _pickles(tmp_path), tmp_path)
    assert result.unknown_files == ("small_train_traffic.p", "small_test_traffic.p")


def test_both_happy_files_give_600_and_150(tmp_path: Path) -> None:
    train = _faces(
        tmp_path / "train_happy.h5", np.tile(FACES, (4, 1, 1, 1)), np.tile(MOODS, 4)[None, :], "train"
    )
    result = _import("happy-house", [train, _faces(tmp_path / "test_happy.h5")], tmp_path)
    assert (result.train, result.test, result.was_split) == (600, 150, False)


def test_the_split_is_the_same_every_time_and_no_picture_is_in_both_parts(tmp_path: Path) -> None:
    file = _faces(tmp_path / "test_happy.h5")
    first, again = (_import("happy-house", [file], tmp_path / name) for name in "ab")
    assert first.sha256 == again.sha256
    data = load_dataset("happy-house", declarations=DECLARATIONS, data_dir=tmp_path / "a")
    assert len({picture.tobytes() for picture in (*data.train_x, *data.test_x)}) == 150


class _RunsSystem:
    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (self.command,)


def test_a_pickle_that_runs_a_command(tmp_path: Path) -> None:
    files = _pickles(tmp_path, extra=_RunsSystem(f"touch {tmp_path}/ran"))
    _refused("traffic-signs", files, tmp_path, r"small_train_traffic\.p: .*system")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("train", "message"),
    [
        ({"features": SIGNS["test"]}, r"shape \(20, 32, 32, 3\).* expected \(100, 32, 32, 3\)"),
        ({"features": SIGNS["train"].astype(np.float32)}, "float32"),
        ({"features": np.array([None] * 100, object)}, "only arrays of numbers"),
        ({"features": np.zeros((100, 28, 28), np.uint8)}, r"\(100, 28, 28\)"),
        ({"labels": LABELS["train"] + 1}, r"the label 6 is none of \[1, 2, 3, 4, 5\]"),
        ({"labels": LABELS["train"] + 0.5}, r"the label 1\.5 is none"),
        ({"labels": np.eye(5, dtype=np.uint8)[LABELS["train"] - 1]}, "the label 0 is none"),
        ({"labels": LABELS["test"]}, r"labels have shape \(20,\)"),
        ({"labels": None}, "no array 'labels'"),
    ],
)
def test_pickles_with_other_arrays(tmp_path: Path, train: dict[str, object], message: str) -> None:
    _refused("traffic-signs", _pickles(tmp_path, **train), tmp_path, message)


def test_truncated_files(tmp_path: Path) -> None:
    pickles = _pickles(tmp_path)
    pickles[0].write_bytes(pickles[0].read_bytes()[:5000])
    _refused("traffic-signs", pickles, tmp_path, "not a whole pickle")
    faces = _faces(tmp_path / "test_happy.h5")
    faces.write_bytes(faces.read_bytes()[:5000])
    _refused("happy-house", [faces], tmp_path, "not a whole HDF5 file")
    np.savez(tmp_path / "small_train_traffic.npz", features=SIGNS["train"], labels=LABELS["train"])
    cut = tmp_path / "small_train_traffic.npz"
    cut.write_bytes(cut.read_bytes()[:5000])
    _refused("traffic-signs", [cut, pickles[1]], tmp_path, r"not a whole \.npz")


@pytest.mark.parametrize("name", ["small_train_traffic.npz", "test_happy.h5", "small_train_traffic.p"])
@pytest.mark.parametrize("content", [b"", b"hello", b"\x00" * 4096], ids=["empty", "text", "zeros"])
def test_files_of_another_kind(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    dataset = "happy-house" if name.endswith("h5") else "traffic-signs"
    _refused(dataset, [tmp_path / name], tmp_path, "not a whole|more than a dictionary")


def test_missing_and_repeated_parts(tmp_path: Path) -> None:
    train, test = _pickles(tmp_path)
    _refused("traffic-signs", [train], tmp_path, r"test is missing.*small_test_traffic\.p")
    _refused("traffic-signs", [train, train, test], tmp_path, "same part")
    _refused(
        "happy-house", [_faces(tmp_path / "train_happy.h5", prefix="train")], tmp_path, "test is missing"
    )


def test_wrong_names(tmp_path: Path) -> None:
    (tmp_path / "cats.h5").write_bytes(b"cats")
    _refused("happy-house", [tmp_path / "cats.h5"], tmp_path, r"accepted are train_happy\.h5, test_happy\.h5")
    _refused("happy-house", [tmp_path / "nothing.h5"], tmp_path, "cannot be read")
    _refused("sad-house", [], tmp_path, "no data set is called 'sad-house'")


def test_an_npz_of_objects_is_never_unpickled(tmp_path: Path) -> None:
    content = np.array([_RunsSystem(f"touch {tmp_path}/ran")], object)
    np.savez(tmp_path / "small_train_traffic.npz", features=content, labels=LABELS["train"])
    _refused("traffic-signs", [tmp_path / "small_train_traffic.npz"], tmp_path, "only arrays of numbers")
    assert not (tmp_path / "ran").exists()


def test_an_npz_that_declares_a_petabyte(tmp_path: Path) -> None:
    path = tmp_path / "small_train_traffic.npz"
    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000000000,), }\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("features.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    _refused("traffic-signs", [path], tmp_path, r"shape \(1000000000000000,\)")


def test_hdf5_links_are_not_followed(tmp_path: Path) -> None:
    _faces(tmp_path / "elsewhere.h5")
    for link in (h5py.ExternalLink("elsewhere.h5", "/test_set_x"), h5py.SoftLink("/list_classes")):
        path = _faces(tmp_path / "test_happy.h5")
        with h5py.File(path, "a") as archive:
            del archive["test_set_x"]
            archive["test_set_x"] = link
        _refused("happy-house", [path], tmp_path, "is a link to somewhere else")


def test_hdf5_numbers_in_another_file_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(FACES.tobytes())
    path = tmp_path / "test_happy.h5"
    with h5py.File(path, "w") as archive:
        archive["test_set_y"] = MOODS
        archive.create_dataset("test_set_x", FACES.shape, np.uint8, external=[(str(secret), 0, FACES.nbytes)])
    _refused("happy-house", [path], tmp_path, "another file")
    layout = h5py.VirtualLayout(FACES.shape, np.uint8)
    layout[:] = h5py.VirtualSource("elsewhere.h5", "test_set_x", FACES.shape)
    with h5py.File(path, "w") as archive:
        archive["test_set_y"] = MOODS
        archive.create_virtual_dataset("test_set_x", layout)
    _refused("happy-house", [path], tmp_path, "another file")


def test_hdf5_that_declares_a_petabyte(tmp_path: Path) -> None:
    path = tmp_path / "test_happy.h5"
    with h5py.File(path, "w") as archive:
        archive["test_set_y"] = MOODS
        archive.create_dataset("test_set_x", (10**9, 1000, 1000), np.uint8, chunks=(1, 100, 100))
    _refused("happy-house", [path], tmp_path, "expected at most")


def test_hdf5_of_other_things(tmp_path: Path) -> None:
    path = tmp_path / "test_happy.h5"
    with h5py.File(path, "w") as archive:
        archive["test_set_y"] = MOODS
        archive.create_dataset("test_set_x", (150,), h5py.string_dtype())
    _refused("happy-house", [path], tmp_path, "only arrays of numbers")
    with h5py.File(path, "w") as archive:
        archive["test_set_y"] = MOODS
        archive.create_group("test_set_x")
    _refused("happy-house", [path], tmp_path, "is not an array")
    _refused("happy-house", [_faces(path, prefix="train")], tmp_path, "no array 'test_set_x'")


def test_an_import_replaces_the_one_before(tmp_path: Path) -> None:
    first = _import("traffic-signs", _pickles(tmp_path), tmp_path)
    second = _import("traffic-signs", _pickles(tmp_path, features=255 - SIGNS["train"]), tmp_path)
    assert first.sha256 != second.sha256
    assert load_dataset("traffic-signs", declarations=DECLARATIONS, data_dir=tmp_path).sha256 == second.sha256
