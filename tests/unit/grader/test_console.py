"""No console is too poor for our words: characters are replaced there, JSON stays the same object."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader import console
from grader.cli import cli, main
from grader.db.columns import utc_now
from grader.web import create_app
from tests.visitors import served

POOR = ["cp1252", "cp437", "ascii", "gbk"]
School = Any
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """`grader …` in this process, with output that is a file of an encoding, as a redirect on Windows."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def call(encoding: str, *arguments: str) -> tuple[int, str, str]:
        kept = [io.BytesIO(), io.BytesIO()]
        out, err = (io.TextIOWrapper(each, encoding=encoding, write_through=True) for each in kept)
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", out)
            patched.setattr(sys, "stderr", err)
            patched.setattr(sys, "argv", ["grader", *arguments])
            with pytest.raises(SystemExit) as ended:
                main()
        status = ended.value.code
        assert isinstance(status, int)
        # Where a stream says that it is ASCII, click does not believe it and writes UTF-8.
        read_as = "utf-8" if encoding == "ascii" else encoding
        return status, kept[0].getvalue().decode(read_as), kept[1].getvalue().decode(read_as)

    return call


@pytest.mark.parametrize("encoding", ["cp437", "ascii"])
@pytest.mark.parametrize("name", sorted(cli.known()))  # type: ignore[attr-defined]
def test_every_command_explains_itself(run: Run, encoding: str, name: str) -> None:
    status, out, err = run(encoding, name, "--help")
    assert (status, err) == (0, "")
    assert "Usage:" in out


@pytest.mark.parametrize("encoding", POOR)
def test_a_report_is_shown_and_ends_with_its_verdict(
    run: Run, encoding: str, school: School, make_report: Any, tmp_path: Path
) -> None:
    saved = school.hand_in()
    school.grade(saved, make_report())
    token = school.parts.accounts.issue_token(school.ids["ada"], "t", utc_now())[0]
    with served(create_app(school.parts.settings, school.parts)) as address:
        assert run(encoding, "login", address, "--token", token)[0] == 0
        status, out, err = run(encoding, "status", saved.id)
        chinese = run(encoding, "status", saved.id, "--lang", "zh")
        whole = run(encoding, "status", saved.id, "--lang", "zh", "--json")
        plain = run("utf-8", "status", saved.id, "--lang", "zh", "--json")
    assert (status, err) == (0, "")
    assert "Nice work!" in out
    assert ("+ layers in order" if encoding.startswith("cp") else "layers in order") in out
    assert (chinese[0], whole[0], whole[2]) == (0, 0, "")
    assert json.loads(whole[1]) == json.loads(plain[1])
    assert "做得好" in json.loads(whole[1])["report"]["feedback"]


@pytest.mark.parametrize("encoding", POOR)
def test_what_can_be_graded_is_listed(run: Run, encoding: str) -> None:
    assert run(encoding, "assignments")[0] == 0
    listed = run(encoding, "assignments", "--json")
    assert json.loads(listed[1]) == json.loads(run("utf-8", "assignments", "--json")[1])


def test_what_looks_alike_stands_for_it() -> None:
    poor = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert console.shown_on(poor, "✓ “é” – 中…") == '+ "?" - ?...'
    rich = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    assert console.shown_on(rich, "✓ 中 \udce9") == "✓ 中 ?"
