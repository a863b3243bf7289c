"""A script that nbconvert made runs what the notebook's cells ran, and tells it by the line of the call."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.unit.workers.guest import notebooks
from workers.guest import magics, shell
from workers.guest.exported import understood
from workers.guest.refusal import NoModel


def run(source: str) -> dict[str, object]:
    namespace, failures = notebooks.run(source)
    assert failures == []
    return namespace


def test_a_cell_that_was_timed_runs() -> None:
    found = run(
        "a = 1\nget_ipython().run_cell_magic('time', '', 'x = 2\\nfor i in range(3):\\n    x += i\\n')\n"
    )
    assert found["x"] == 5


def test_its_statements_are_statements_of_the_script() -> None:
    text = "get_ipython().run_cell_magic('time', '', 'a = 1\\nmodel.add(b)\\n')\n"
    tree = understood(ast.parse(f"\n\n{text}"))
    assert [(type(one).__name__, one.lineno) for one in tree.body] == [("Assign", 3), ("Expr", 3)]


def test_its_errors_are_told_by_the_line_of_the_call() -> None:
    with pytest.raises(NoModel) as caught:
        run("a = 1\nget_ipython().run_cell_magic('time', '', '\\n\\nx = (\\n')\n")
    assert (caught.value.code, caught.value.line) == ("syntax_error", 2)
    _, failures = notebooks.run(
        "a = 1\nget_ipython().run_cell_magic('time', '', '\\n\\nx = 1\\ny = x / 0\\n')\n"
    )
    assert [(failure.line, failure.mistake.line) for failure in failures] == [(2, 2)]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("x = get_ipython().run_line_magic('time', 'int(7)')", 7),
        ("x = get_ipython().getoutput('ls')", []),
        ("get_ipython().run_line_magic('time', 'x = 3')", 3),
        ("get_ipython().magic('time x = 3')", 3),
        ("get_ipython().run_line_magic('matplotlib', 'inline'); x = 1", 1),
        ("get_ipython().system('pip install keras'); x = 1", 1),
        ("get_ipython().run_cell_magic('bash', '', 'rm -rf x\\n'); x = 1", 1),
    ],
)
def test_lines_and_commands_mean_the_same_as_in_the_notebook(line: str, value: object) -> None:
    assert run(line)["x"] == value


def test_a_module_that_a_cell_wrote_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    source = (
        "get_ipython().run_cell_magic('writefile', 'wf_made.py', 'x = 1\\ny = 2\\n')\nfrom wf_made import y\n"
    )
    found = run(source)
    made = found[magics.SHELL]
    assert isinstance(made, shell.Shell)
    made.written.forget()
    assert found["y"] == 2
    assert (tmp_path / "wf_made.py").read_text() == "x = 1\ny = 2\n"


@pytest.mark.parametrize(
    "text",
    [
        "f().run_cell_magic('time', '', 'x')",
        "get_ipython().run_cell_magic(a, b, c)",
        "get_ipython().user_ns",
        "x = 1",
    ],
)
def test_other_statements_stay_as_they_are(text: str) -> None:
    assert ast.unparse(understood(ast.parse(text))) == text
