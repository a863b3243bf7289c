from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader import room
from grader.room import has_room
from grader.settings import Settings

ENOUGH = {"f_bavail": 10**6, "f_frsize": 4096, "f_files": 10**6, "f_favail": 10**5}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "queue" / "messages").mkdir(parents=True)
    return Settings(data_dir=tmp_path)


def test_a_disk_with_room_is_left_as_it_was(settings: Settings) -> None:
    before = sorted(settings.data_dir.rglob("*"))
    assert has_room(settings)
    assert sorted(settings.data_dir.rglob("*")) == before


@pytest.mark.parametrize(
    ("stands", "room_left"),
    [
        ({}, True),
        ({"f_bavail": 10}, False),
        ({"f_favail": 10}, False),
        ({"f_files": 0, "f_favail": 0}, True),
    ],
)
def test_below_a_floor_there_is_none(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, stands: dict[str, int], room_left: bool
) -> None:
    monkeypatch.setattr(room.os, "statvfs", lambda _folder: SimpleNamespace(**ENOUGH | stands))
    assert has_room(settings) is room_left


def test_a_folder_that_is_gone_has_none_and_one_that_nobody_writes_to_is_not_asked(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "queue" / "messages").rmdir()
    assert not has_room(settings)
    elsewhere: dict[str, Any] = {"database_url": "postgresql+psycopg://x/y", "broker_url": "redis://x"}
    assert has_room(Settings(data_dir=Path(os.devnull), **elsewhere))
