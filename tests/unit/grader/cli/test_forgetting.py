"""`grader user forget` and `grader user export` against a real folder."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from grader.cli import cli
from grader.settings import load_settings
from grader.wiring import Wiring


@pytest.fixture
def run(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`grader …` on one data folder, in which Ada and Root have accounts."""
    shutil.copy(template, tmp_path / "grader.db")
    for name in ("GRADER_DATABASE_URL", "GRADER_BROKER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GRADER_DATA_DIR", str(tmp_path))
    parts = Wiring(load_settings({}, data_dir=tmp_path))
    for name in ("ada", "root"):
        parts.accounts.create(f"{name}@example.edu", name.title())
    parts.database.close()

    def call(*arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(cli, list(arguments), input=typed)

    return call


FORGET = ("user", "forget", "ada@example.edu", "--why", "ticket 4711")


def test_forgetting_asks_first_and_says_what_goes(run: Any) -> None:
    dry = run(*FORGET, "--dry-run")
    assert (dry.exit_code, dry.output.splitlines()[-1]) == (0, "Nothing was changed.")
    assert "ada@example.edu (Ada)" in dry.output
    assert run(*FORGET, typed="n\n").exit_code == 1
    assert "ada@example.edu" in run("user", "list").output
    done = run(*FORGET, "--by", "root", typed="y\n")
    assert (done.exit_code, "Erased." in done.output) == (0, True)
    assert "ada" not in run("user", "list").output.casefold()


def test_forgetting_twice_says_who_did_it_and_why(run: Any) -> None:
    account = run(*FORGET, "--yes").output.split()[-1].rstrip(".")
    for name in (account, f"erased-{account.lower()}@invalid"):
        again = run("user", "forget", name, "--why", "again", "--yes")
        assert again.exit_code == 0
        assert ": ticket 4711. Nothing was changed." in again.output
    for arguments in (
        ("user", "forget", "ada@example.edu", "--why", "x"),
        ("user", "reset", f"erased-{account}@invalid"),
    ):
        assert "There is no account for" in run(*arguments).output  # fmt: skip


def test_a_reason_and_a_person_are_needed(run: Any) -> None:
    assert run("user", "forget", "ada@example.edu").exit_code == 2
    assert run("user", "forget", "ada@example.edu", "--why", " ", "--yes").exit_code == 2
    assert run("user", "forget", "nobody@example.edu", "--why", "x", "--yes").exit_code == 2
    assert run("user", "export", "nobody@example.edu").exit_code == 2


def test_an_export_is_one_object_that_its_owner_alone_reads(run: Any, tmp_path: Path) -> None:
    told = json.loads(run("user", "export", "Ada@example.edu").output)
    assert (told["format"], told["account"]["email"], told["submissions"]) == (1, "ada@example.edu", [])
    file = tmp_path / "ada.json"
    assert run("user", "export", "ada@example.edu", "--to", str(file)).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text(encoding="utf-8"))["account"] == told["account"]
    assert (
        run("user", "export", "ada@example.edu", "--to", str(tmp_path / "no" / "where.json")).exit_code == 2
    )
