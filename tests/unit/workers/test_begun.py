from __future__ import annotations

import os
import threading
from pathlib import Path

from grader.domain.submission import Job
from grader.settings import load_settings
from workers.begun import in_folder, open_begun, remove_older


def job(submission: str, attempt: int) -> Job:
    return Job(submission, attempt, "dense", "sha256:x", (), "")


def test_an_attempt_begins_once_and_none_that_is_older(tmp_path: Path) -> None:
    begin = in_folder(tmp_path / "begun")
    assert [
        begin(job("a", 2)),
        begin(job("a", 2)),
        begin(job("a", 1)),
        begin(job("b", 1)),
        begin(job("a", 3)),
    ] == [
        True,
        False,
        False,
        True,
        True,
    ]
    assert [begin(job("a", 9)), begin(job("a", 10))] == [True, True]


def test_of_many_at_once_one_begins(tmp_path: Path) -> None:
    begun: list[bool] = []
    threads = [
        threading.Thread(target=lambda: begun.append(in_folder(tmp_path)(job("a", 1)))) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(begun) == [False] * 15 + [True]


def test_who_cannot_be_asked_holds_nobody_up(tmp_path: Path) -> None:
    away = open_begun(load_settings({}, data_dir=tmp_path, broker_url="redis://127.0.0.1:1/0"))
    assert [away(job("a", 1)), away(job("a", 1))] == [True, True]
    here = open_begun(load_settings({}, data_dir=tmp_path))
    (tmp_path / "grading" / "begun" / "a").write_text("no number")
    assert here(job("a", 1))


def test_what_is_old_is_forgotten(tmp_path: Path) -> None:
    begin = in_folder(tmp_path)
    begin(job("old", 1))
    begin(job("new", 1))
    os.utime(tmp_path / "old", (1, 1))
    remove_older(tmp_path, 60)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
