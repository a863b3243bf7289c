"""What commands and magics give to later code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.workers.guest import notebooks
from workers.guest import magics
from workers.guest.shell import Lines, serve


def run(source: str) -> dict[str, object]:
    namespace, failures = notebooks.run(notebooks.book(source))
    assert failures == []
    return namespace


def test_a_command_gives_a_list_that_is_also_a_text() -> None:
    found = run(
        "files = !ls *.png\nn = len(files)\nall = files.n + files.s\nsame = files.l\nfor f in files: pass"
    )
    assert (found["n"], found["all"]) == (0, "")
    assert found["same"] is found["files"]


def test_lines_are_looked_at_as_in_a_notebook() -> None:
    lines = Lines(["a 1", "b 2"])
    assert (lines.n, lines.s, lines.nlstr, lines.spstr) == ("a 1\nb 2", "a 1 b 2", "a 1\nb 2", "a 1 b 2")
    assert lines.grep("^A") == ["a 1"]
    assert lines.grep("^A", prune=True) == ["b 2"]
    assert (lines.fields(), lines.fields(1)) == ([["a", "1"], ["b", "2"]], ["1", "2"])
    assert (lines.p, lines.list) == ([], lines)
    with pytest.raises(AttributeError):
        _ = lines.nothing


def test_where_one_is_is_told() -> None:
    here = str(Path.cwd())
    found = run("a = %pwd\nb = !pwd\nc = b[0]")
    assert (found["a"], found["c"]) == (here, here)


def test_what_a_magic_gives_is_nothing_that_may_be_asked_anything() -> None:
    run("r = %timeit -o f()\nx = r.average\ns = f'{r}'\n%env A\ny = %env PATH\ny.split(':')")


def test_a_captured_cell_runs_and_what_it_kept_is_empty() -> None:
    found = run("%%capture out\nx = 1\n")
    assert found["x"] == 1
    assert run("%%capture out\nx = 1\nout.show()\ny = out.stdout + str(out)\nz = len(out.outputs)")["z"] == 0


def test_a_magic_without_its_sign_yields_to_a_name_that_exists() -> None:
    found = run("ls\npwd\nls -l\nll\nx = 1")
    assert found["x"] == 1
    source = "seen = []\nclass L:\n    def __sub__(self, n): seen.append(n)\nls = L()\nls - 3\n"
    assert run(source)["seen"] == [3]


def test_a_misspelt_name_is_still_one() -> None:
    for line in ("modle", "ls(3)"):
        _, failures = notebooks.run(notebooks.book(line))
        assert failures[0].mistake.params["error"] == "NameError"


def test_there_is_one_shell_for_a_submission() -> None:
    namespace: dict[str, object] = {}
    assert serve(namespace, magics.SHELL) is serve(namespace, magics.SHELL)
