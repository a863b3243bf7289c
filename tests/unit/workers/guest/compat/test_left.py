"""The files that Keras's own callbacks would have left: named as they name them, few and small."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from workers.guest.compat.left import MAX_BYTES, MAX_FILES, Left, stands_for

ROWS = [(epoch, {"loss": 1 / (epoch + 1), "val_loss": 2 / (epoch + 1)}) for epoch in range(30)]


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_checkpoints_of_the_last_epochs_are_there_by_their_names(tmp_path: Path) -> None:
    left = Left()
    callback = SimpleNamespace(filepath="cp/w.{epoch:02d}-{val_loss:.2f}.keras")
    names = list(left.checkpoints(callback, ROWS, 4))
    assert names[-1] == "cp/w.30-0.07.keras"
    assert sorted(path.name for path in (tmp_path / "cp").iterdir()) == sorted(map(os.path.basename, names))
    assert len(names) == MAX_FILES
    assert stands_for(names[-1]) == str(tmp_path / names[-1])
    Path("copied.keras").write_bytes(Path(names[-1]).read_bytes())
    assert stands_for("copied.keras") == str(tmp_path / names[-1])


def test_a_name_that_the_logs_do_not_have_gets_a_figure_too() -> None:
    (name,) = Left().checkpoints(SimpleNamespace(filepath="{val_own:.1f}-{epoch}.h5"), ROWS[:1], 4)
    assert name == "0.4-1.h5"


def test_never_more_than_twenty_files_nor_a_mebibyte(tmp_path: Path) -> None:
    left = Left()
    for number in range(9):
        list(left.checkpoints(SimpleNamespace(filepath=f"{number}-{{epoch}}.keras"), ROWS, 4))
        many = [(epoch, {"loss": 0.123456789, "a" * 90: "b" * 900}) for epoch in range(400)]
        left.epochs(SimpleNamespace(filename=f"log{number}.csv", sep=",", append=False), many)
    files = list(tmp_path.rglob("*"))
    assert len(files) <= MAX_FILES
    assert sum(path.stat().st_size for path in files) <= MAX_BYTES + 2000


def test_a_log_of_epochs_can_be_read_back() -> None:
    Left().epochs(SimpleNamespace(filename="log.csv", sep=";", append=False), ROWS[:3])
    with Path("log.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert [row["epoch"] for row in rows] == ["0", "1", "2"]
    assert float(rows[2]["val_loss"]) == pytest.approx(2 / 3)


def test_a_full_disk_is_not_the_students_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("builtins.open", full)
    assert list(Left().checkpoints(SimpleNamespace(filepath="w.keras"), ROWS[:1], 1)) == ["w.keras"]


def test_a_file_of_the_students_own_stands_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.h5").write_bytes(b"\x89HDF\r\n\x1a\n\x00\xff")
    assert stands_for("mine.h5") is None
    assert stands_for("not_there.h5") is None
