from __future__ import annotations

from pathlib import Path

import pytest

from grader.cli.parts import open_parts
from grader.cli.supervisor import take_lock
from grader.demo.course import free_folder, prepare


def test_each_demo_has_a_folder_of_its_own_while_it_runs(tmp_path: Path) -> None:
    with free_folder(tmp_path) as first, free_folder(tmp_path) as second:
        assert (first.name, second.name) == ("demo", "demo-2")
    with free_folder(tmp_path) as again:
        assert again == first


def test_a_folder_that_is_served_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    with take_lock(tmp_path / "demo"), free_folder(tmp_path) as folder:
        assert folder.name == "demo-2"


def test_the_second_demo_signs_in_as_the_first(tmp_path: Path) -> None:
    first = prepare(tmp_path)
    assert set(first) == {"student", "ta"}
    assert prepare(tmp_path) == first
    assert (tmp_path / "sign-ins.json").stat().st_mode & 0o077 == 0


def test_what_a_demo_left_that_was_killed_as_it_prepared_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("grader.demo.course.json.dumps", killed)
        with pytest.raises(KeyboardInterrupt):
            prepare(tmp_path)
    email, password = prepare(tmp_path)["student"]
    parts = open_parts(tmp_path)
    assert parts.accounts.store.user_by_email(email) is not None
    assert password
    parts.database.close()
