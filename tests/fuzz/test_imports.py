"""`grader data import` ends in data or in words, whatever the file; a sample of what `make fuzz` goes on with."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from tests.fuzz.imports import Desk, crafted, whole

ROOT = Path(__file__).resolve().parents[2]
TAKEN = {"npz: labels of yes and no", "hdf5: an enumeration", "hdf5: before it something else"}
"""What says the same in another way."""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_whole_files_are_taken(desk):
    assert {desk.judge(name, data) for name, files in whole().items() for data in files} == {"taken"}


def test_what_somebody_thought_of_is_refused_in_words(desk, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what h5py and numpy say of them is for their developers
        files = crafted()
        assert {what for what, (name, data) in files.items() if desk.judge(name, data) == "taken"} == TAKEN
    assert "never be seen" not in capsys.readouterr().out


def test_damaged_files_end_in_data_or_in_words():
    """In a process of its own: one that made the HDF5 library fall over would take the tests with it."""
    program = [sys.executable, "-m", "tests.fuzz.imports", "--number", "200"]
    ended = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert "200 files, nothing but data and words" in ended.stdout
    for name in ("train.npz", "train.h5", "train.p"):
        assert f"{name} refused" in ended.stdout


def test_a_folder_that_cannot_be_written_is_said_in_words(desk, tmp_path):
    from workers.training.importing import ImportRefused, import_dataset

    (tmp_path / "train.npz").write_bytes(whole()["train.npz"][0])
    (tmp_path / "home").write_text("a file")
    with pytest.raises(ImportRefused, match="cannot be written"):
        import_dataset(
            "small",
            [tmp_path / "train.npz", tmp_path / "test.npz"],
            declarations={"small": tmp_path / "small"},
            data_dir=tmp_path / "home",
        )
