"""What a tried script writes goes aside: it reads it back, and the files of its author stay as they were."""

# ruff: noqa: PTH102, PTH103, PTH104, PTH107, PTH110, PTH123, PTH207, PTH208
from __future__ import annotations

import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from workers.guest.compat import aside


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "kept.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "old").write_text("old", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    before = _everything(tmp_path)
    yield tmp_path
    assert _everything(tmp_path) == before


def _everything(folder: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def _read(name: str) -> str:
    return Path(name).read_text(encoding="utf-8")


def test_what_is_written_is_read_back(home: Path) -> None:
    with aside.kept():
        for name in ("kept.txt", "new.txt", str(home / "logs" / "old")):
            Path(name).write_text("invented", encoding="utf-8")
            assert _read(name) == "invented"
            assert Path(name).stat().st_size == 8
        assert sorted(os.listdir()) == ["kept.txt", "logs", "new.txt"] == sorted(glob.glob("*"))
    assert _read("kept.txt") == "mine"


@pytest.mark.usefixtures("home")
def test_what_is_added_to_a_file_stands_behind_what_was_there() -> None:
    with aside.kept():
        with open("kept.txt", "a", encoding="utf-8") as file:
            file.write(" and more")
        with open("kept.txt", "r+", encoding="utf-8") as file:
            file.write("M")
        assert _read("kept.txt") == "Mine and more"
        Path("kept.txt").touch()
        os.close(os.open("low.txt", os.O_WRONLY | os.O_CREAT))
        assert Path("low.txt").exists()


@pytest.mark.usefixtures("home")
def test_folders_are_made_aside_too() -> None:
    with aside.kept():
        os.makedirs("a/b")
        Path("a/b/c.txt").write_text("c", encoding="utf-8")
        assert (
            [entry.name for entry in os.scandir("a/b")]
            == ["c.txt"]
            == [path.name for path in Path("a/b").iterdir()]
        )
        with pytest.raises(FileExistsError):
            os.mkdir("logs")
        with pytest.raises(FileNotFoundError), open("nowhere/x.txt", "w", encoding="utf-8"):
            pass
    assert not os.path.exists("a")


@pytest.mark.usefixtures("home")
def test_what_is_removed_or_moved_only_seems_to_be() -> None:
    with aside.kept():
        shutil.rmtree("logs")
        assert not os.path.exists("logs/old")
        assert os.listdir() == ["kept.txt"]
        os.mkdir("logs")
        assert os.listdir("logs") == []
        shutil.copy("kept.txt", "copy.txt")
        os.rename("kept.txt", "moved.txt")
        assert _read("moved.txt") == _read("copy.txt") == "mine"
        assert not os.path.exists("kept.txt")
        os.remove("moved.txt")
        with pytest.raises(FileNotFoundError):
            os.remove("moved.txt")
        with pytest.raises(FileNotFoundError):
            _read("moved.txt")
        Path("moved.txt").write_text("again", encoding="utf-8")
        assert _read("moved.txt") == "again"


@pytest.mark.usefixtures("home")
def test_it_goes_away_again() -> None:
    before = (open, os.stat, os.listdir, os.remove, shutil.rmtree, tempfile.gettempdir())
    with aside.kept():
        folder = tempfile.gettempdir()
        assert folder != before[-1]
        Path("x.txt").write_text("x", encoding="utf-8")
        with tempfile.NamedTemporaryFile() as file:
            assert file.name.startswith(folder)
    assert (open, os.stat, os.listdir, os.remove, shutil.rmtree, tempfile.gettempdir()) == before
    assert not os.path.exists(folder)


@pytest.mark.usefixtures("home")
def test_a_process_that_ends_in_the_middle_leaves_nothing() -> None:
    with aside.kept():
        folder = tempfile.gettempdir()
        Path("x.txt").write_text("x", encoding="utf-8")
        aside.remove()
        assert not os.path.exists(folder)


@pytest.mark.usefixtures("home")
def test_devices_and_pipes_are_what_they_are() -> None:
    reader, writer = os.pipe()
    with aside.kept():
        with open(os.devnull, "w", encoding="utf-8") as file:
            file.write("x")
        with open(writer, "w", encoding="utf-8") as file:
            file.write("through")
        with open(reader, encoding="utf-8") as file:
            assert file.read() == "through"
