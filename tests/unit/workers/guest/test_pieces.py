"""A notebook is run cell by cell as its reader does; a script stands or falls as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from workers.guest import pieces
from workers.guest.refusal import NoModel


def book(*cells: str) -> str:
    return "".join(f"# %% cell {number} of the notebook\n{text}\n\n" for number, text in enumerate(cells, 1))


def run(source: str) -> tuple[dict[str, object], list[pieces.Failure], list[dict[str, Any]]]:
    notes: list[dict[str, Any]] = []
    namespace: dict[str, object] = {}
    return namespace, pieces.run(pieces.read(source, notes), namespace), notes


def test_a_cell_that_fails_takes_nothing_from_the_others() -> None:
    namespace, failures, _ = run(book("model = 1", "open('mine.jpg')", "x = (", "later = model + 1"))
    assert namespace["later"] == 2
    assert [(failure.cell, failure.mistake.code) for failure in failures] == [
        (2, "file_not_found"),
        (3, "syntax_error"),
    ]
    assert pieces.told(failures)[0]["params"] == {"cells": "2, 3", "why": "mine.jpg"}
    assert pieces.told([]) == []


def test_a_mistake_is_told_with_the_line_of_the_whole_source() -> None:
    _, failures, _ = run(book("a = 1", "b = 2\nc = 1 / 0"))
    assert failures[0].mistake.line == 6


def test_a_script_stands_or_falls_as_a_whole() -> None:
    with pytest.raises(ZeroDivisionError):
        run("a = 1\n1 / 0\n")
    with pytest.raises(NoModel) as caught:
        run("a = (\n")
    assert caught.value.code == "syntax_error"


def test_a_script_that_misses_its_authors_files_is_graded_by_what_stands_above() -> None:
    namespace, failures, _ = run("def build_model(): ...\n\n\nopen('images/me.jpg')\nlater = 1\n")
    assert "build_model" in namespace
    assert "later" not in namespace
    assert pieces.told(failures) == [
        {"code": "script_stopped", "params": {"line": "4", "why": "images/me.jpg"}},
    ]


def test_a_script_that_a_notebook_was_exported_to_has_cells() -> None:
    for marker in ("# In[3]:", "# In[ ]:", "#in[5]:", "# %%", "# %% training"):
        namespace, failures, _ = run(f"a = 1\n{marker}\n1 / 0\n{marker}\nb = 2\n")
        assert (namespace["b"], [failure.cell for failure in failures]) == (2, [2]), marker


def test_a_cell_that_ends_the_program_ends_the_notebook() -> None:
    namespace, failures, _ = run(book("a = 1", "raise SystemExit", "b = 2"))
    assert "b" not in namespace
    assert failures[0].mistake.code == "ended_early"


def test_imports_from_the_future_may_stand_in_any_cell() -> None:
    namespace, failures, _ = run(book("a = 1", "'''words'''\nfrom __future__ import print_function\nb = 2"))
    assert (namespace["b"], failures) == (2, [])


def test_magics_are_noted_where_they_are() -> None:
    namespace, failures, notes = run(book("%matplotlib inline\na = 1", "!ls\nb = 2"))
    assert (namespace["a"], namespace["b"], failures) == (1, 2, [])
    assert notes == [{"code": "magics_dropped", "params": {"first": "%matplotlib inline"}}]


def test_the_first_cause_is_told_where_a_name_is_missing() -> None:
    _, failures, _ = run(book("import no_such_thing_here", "x = 1"))
    missing = NoModel("bad_result", "no_such_function", {})
    own = NoModel("bad_code", "exception_in_code", {"error": "ValueError"})
    assert pieces.first_cause(missing, failures).code == "missing_module"
    assert pieces.first_cause(
        NoModel("bad_code", "exception_in_code", {"error": "NameError"}), failures
    ).code == ("missing_module")
    assert pieces.first_cause(own, failures) is own
    assert pieces.first_cause(missing, []) is missing
