"""Deleting what a hostile job leaves; killing is tried in the sandboxes themselves."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from workers.guest import cleaning

STRANGER = 1_999_999_999


def test_a_tree_of_any_depth_goes(tmp_path: Path) -> None:
    top = tmp_path / "job"
    top.mkdir()
    here = os.open(top, os.O_RDONLY)
    for _ in range(2000):
        os.mkdir("deep", dir_fd=here)
        deeper = os.open("deep", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)
    cleaning._flatten(top)
    assert list(tmp_path.iterdir()) == []


def test_names_that_a_job_has_taken_beforehand_are_in_nobodys_way(tmp_path: Path) -> None:
    """The names that folders are moved to could be guessed once: full ones in their place cost a guest."""
    for number in range(50):
        for process in (os.getpid(), os.getpid() + 1):
            (tmp_path / f".leftover-{process}-{number}" / "full").mkdir(parents=True)
    (tmp_path / "job" / "a" / "b").mkdir(parents=True)
    cleaning._flatten(tmp_path / "job")
    assert not (tmp_path / "job").exists()
    assert len(list(tmp_path.iterdir())) == 100


def test_links_are_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    top = tmp_path / "job"
    top.mkdir()
    (top / "link").symlink_to(precious)
    (top / "closed").mkdir()
    (top / "closed").chmod(0)
    (tmp_path / "other").symlink_to(precious)
    cleaning._flatten(top)
    cleaning._flatten(tmp_path / "other")
    assert [item.name for item in tmp_path.iterdir()] == ["precious"]
    assert (precious / "file").exists()


def test_whose_files_are_found(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    assert cleaning._owned(tmp_path, os.getuid()) == ["mine"]
    assert cleaning._owned(tmp_path, STRANGER) == []
    assert cleaning._owned(tmp_path / "nowhere", os.getuid()) == []


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    """Where everybody may write, as in a sandbox; the folders around it let strangers through."""
    around = [folder for folder in tmp_path.parents if folder.is_relative_to(tempfile.gettempdir())]
    modes = {folder: folder.stat().st_mode for folder in around}
    for folder in around:
        folder.chmod(modes[folder] | 0o111)
    tmp_path.chmod(0o1777)
    yield tmp_path
    for folder in around:
        folder.chmod(modes[folder])


def belongs_to_a_stranger(path: Path) -> None:
    for each in (path, *path.rglob("*")):
        os.chown(each, STRANGER, STRANGER)


needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root may give files away")


@needs_root
def test_an_empty_folder_costs_no_process(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("forked"))
    (scratch / "job").mkdir()
    belongs_to_a_stranger(scratch / "job")
    (scratch / "ours").mkdir()
    assert cleaning.remove_files(STRANGER, scratch)
    assert [item.name for item in scratch.iterdir()] == ["ours"]


@needs_root
def test_what_has_contents_is_deleted_as_its_owner(scratch: Path) -> None:
    (scratch / "job" / "deeper").mkdir(parents=True)
    (scratch / "job" / "deeper" / "file").touch()
    belongs_to_a_stranger(scratch / "job")
    (scratch / "job" / "deeper").chmod(0)
    (scratch / "ours").touch()
    assert cleaning.remove_files(STRANGER, scratch)
    assert [item.name for item in scratch.iterdir()] == ["ours"]


def test_an_ordinary_process_reaches_no_namespace() -> None:
    """kill(-1) from a test would end the machine's session: only process 1 of a namespace may."""
    reach = cleaning.Reach(uid=None, leader=2**22, whole_namespace=os.getpid() == 1)
    assert reach.whole_namespace is False
    assert reach.alive() == []
