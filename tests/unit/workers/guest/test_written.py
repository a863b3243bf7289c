"""Modules that cells write are found by what comes after them, and their errors are told by the lines of the cell."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.workers.guest.notebooks import book, run
from workers.guest import magics, shell
from workers.guest.explain import FILE_NAME
from workers.guest.failure import Failure


class Notebook:
    """Runs cells in a folder of their own, as the guest does, and as a student's own machine does (`elsewhere`)."""

    served: shell.Shell | None = None

    def run(self, *texts: str, elsewhere: bool = False) -> tuple[dict[str, object], list[Failure]]:
        namespace, failures = run(book(*texts), elsewhere=elsewhere)
        served = namespace[magics.SHELL]
        assert isinstance(served, shell.Shell)
        self.served = served
        return namespace, failures


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    before = set(sys.modules)
    made = Notebook()
    yield made
    if made.served is not None:
        made.served.written.forget()
    for name in set(sys.modules) - before:
        del sys.modules[name]
    linecache.cache.pop(FILE_NAME, None)


def test_a_later_cell_imports_it_in_the_notebook_s_order(notebook: Notebook, tmp_path: Path) -> None:
    namespace, failures = notebook.run(
        "import wf_net", "%%writefile wf_net.py\ndef f():\n    return 7", "from wf_net import f\nx = f()"
    )
    assert namespace["x"] == 7
    assert [(failure.cell, failure.mistake.code) for failure in failures] == [(1, "missing_module")]
    assert (tmp_path / "wf_net.py").read_text() == "def f():\n    return 7\n"


def test_its_errors_are_told_by_the_cell_and_its_line(notebook: Notebook) -> None:
    _, failures = notebook.run(
        "%%writefile wf_err.py\n\ndef f(a):\n    return 1 / a", "import wf_err\nwf_err.f(0)"
    )
    mistake = failures[0].mistake
    assert str(mistake.params["trace"]).split("\n") == [
        "cell 2, line 2: wf_err.f(0)",
        "cell 1, line 4, in f: return 1 / a",
    ]
    assert mistake.line == 5  # of the whole source: cell 1, line 4
    assert (failures[0].cell, failures[0].line) == (2, 9)


def test_what_is_added_to_it_is_told_by_its_own_cell(notebook: Notebook) -> None:
    namespace, failures = notebook.run(
        "%%writefile wf_two.py\na = 1",
        "%%writefile -a wf_two.py\ndef f():\n    return a / 0",
        "import wf_two\nb = wf_two.a",
        "wf_two.f()",
    )
    assert namespace["b"] == 1
    assert "cell 2, line 3, in f: return a / 0" in str(failures[0].mistake.params["trace"])


def test_a_mistake_in_it_is_told_by_its_name(notebook: Notebook) -> None:
    _, failures = notebook.run("%%writefile wf_bad.py\nx = 1\ny = (", "import wf_bad")
    assert "wf_bad.py, line 2" in str(failures[0].mistake.params["text"])
    assert failures[0].cell == 2


def test_a_file_that_something_else_changed_is_what_it_is_now(notebook: Notebook, tmp_path: Path) -> None:
    namespace, failures = notebook.run(
        "%%writefile wf_changed.py\nx = 1",
        "with open('wf_changed.py', 'w') as f: f.write('x = 2')\nfrom wf_changed import x",
    )
    assert (namespace["x"], failures) == (2, [])


@pytest.mark.parametrize(
    "name", ["pkg_a/wf_in.py", "./pkg_a/wf_in.py", "/content/pkg_a/wf_in.py", "'pkg_a/wf_in.py'"]
)
def test_a_folder_is_made_for_it(notebook: Notebook, name: str) -> None:
    namespace, failures = notebook.run(f"%%writefile {name}\nx = 3", "from pkg_a.wf_in import x")
    assert (namespace["x"], failures) == (3, [])


def test_a_name_may_be_that_of_a_variable(notebook: Notebook, tmp_path: Path) -> None:
    notebook.run("name = 'wf_var'", "%%writefile {name}.py\nx = 1", "%%file $name.txt\nwords, no code")
    assert {path.name for path in tmp_path.iterdir()} >= {"wf_var.py", "wf_var.txt"}


def test_a_real_library_that_is_loaded_stays_what_it_is(notebook: Notebook) -> None:
    namespace, failures = notebook.run(
        "import json", "%%writefile json.py\nx = 1", "import json\ny = json.dumps([])"
    )
    assert (namespace["y"], failures) == ("[]", [])


def test_what_may_not_be_written_ends_its_cell_alone(notebook: Notebook) -> None:
    namespace, failures = notebook.run("%%writefile /proc/no/such.py\nx = 1", "%%writefile\nx", "later = 1")
    assert namespace["later"] == 1
    assert [failure.cell for failure in failures] == [1, 2]


def test_a_run_file_gives_its_names(notebook: Notebook) -> None:
    namespace, failures = notebook.run(
        "%%writefile wf_run.py\nif __name__ == '__main__':\n    def build():\n        return 4",
        "%run wf_run.py --fast",
        "x = build()",
        "%run wf_run",
        "%run missing.py",
    )
    assert namespace["x"] == 4
    assert [(one.cell, one.mistake.code, one.mistake.params["name"]) for one in failures] == [
        (5, "file_not_found", "missing.py")
    ]


def test_a_file_that_is_not_here_is_the_cause_of_the_names_that_are_missing(notebook: Notebook) -> None:
    _, failures = notebook.run("%run missing.py", "x = build()")
    assert failures[1].first is failures[0]


def test_a_run_that_stops_gives_no_name(notebook: Notebook) -> None:
    namespace, failures = notebook.run("%%writefile wf_half.py\nx = [1]\nx.append(1 / 0)", "%run wf_half.py")
    assert "x" not in namespace
    assert "cell 1, line 3: x.append(1 / 0)" in str(failures[0].mistake.params["trace"])


@pytest.mark.parametrize("name", ["wf_home.py", "../wf_home.py", "/content/wf_home.py", "{here}/wf_home.py"])
def test_at_home_nothing_of_the_students_is_overwritten(
    notebook: Notebook, tmp_path: Path, name: str
) -> None:
    own = tmp_path / "wf_home.py"
    own.write_text("x = 'own'\n")
    name = name.format(here=tmp_path)
    _, failures = notebook.run(f"%%writefile {name}\nx = 'written'", "x = 0", elsewhere=True)
    assert failures == []
    assert own.read_text() == "x = 'own'\n"
    assert list(tmp_path.parent.glob("wf_home.py")) == []
    assert len(list((tmp_path / "temporary").rglob("wf_home.py"))) == 1


def test_at_home_the_written_module_is_the_one_that_is_found(notebook: Notebook, tmp_path: Path) -> None:
    (tmp_path / "wf_both.py").write_text("x = 'own'\n")
    namespace, failures = notebook.run(
        "%%writefile wf_both.py\nx = 'written'", "from wf_both import x", "%run wf_both.py", elsewhere=True
    )
    assert (namespace["x"], failures) == ("written", [])
