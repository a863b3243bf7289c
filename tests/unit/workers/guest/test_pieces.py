"""A notebook is read as its cells, a script as one piece."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from workers.guest import pieces
from workers.guest.refusal import NoModel


def book(*cells: str) -> str:
    return "".join(f"# %% cell {number} of the notebook\n{text}\n\n" for number, text in enumerate(cells, 1))


def read(source: str) -> tuple[list[pieces.Piece], list[dict[str, Any]]]:
    notes: list[dict[str, Any]] = []
    return pieces.read(source, notes), notes


def test_a_script_that_does_not_compile_is_none() -> None:
    with pytest.raises(NoModel) as caught:
        read("a = (\n")
    assert caught.value.code == "syntax_error"


def test_a_cell_that_does_not_compile_is_one_that_says_why() -> None:
    found, _ = read(book("a = 1", "x = (", "b = 2"))
    assert [(piece.cell, piece.mistake and piece.mistake.code) for piece in found] == [
        (1, None),
        (2, "syntax_error"),
        (3, None),
    ]


def test_a_script_that_a_notebook_was_exported_to_has_cells() -> None:
    for marker in ("# In[3]:", "# In[ ]:", "#in[5]:", "# %%", "# %% training"):
        found, _ = read(f"a = 1\n{marker}\n1 / 0\n{marker}\nb = 2\n")
        assert [piece.cell for piece in found] == [1, 2, 3], marker


def test_magics_are_noted_where_they_are() -> None:
    found, notes = read(book("%matplotlib inline\na = 1", "!ls\nb = 2"))
    assert [len(piece.tree.body) for piece in found] == [2, 2]
    assert notes == [{"code": "magics_dropped", "params": {"first": "%matplotlib inline"}}]


def test_a_statement_keeps_what_its_file_has_imported_from_the_future() -> None:
    (piece,), _ = read("from __future__ import annotations\ndef f(x: nowhere): ...\n")
    namespace: dict[str, Any] = {}
    exec(piece.compiled(piece.tree.body[1]), namespace)
    assert namespace["f"].__annotations__ == {"x": "nowhere"}


@pytest.mark.parametrize(
    ("source", "is_guard"),
    [
        ("if __name__ == '__main__': f()", True),
        ("if '__main__' == __name__: f()", True),
        ("if __name__ != '__main__': f()", False),
        ("if __name__ == 'main': f()", False),
        ("if x == '__main__': f()", False),
        ("f()", False),
    ],
)
def test_a_main_guard_is_known(source: str, is_guard: bool) -> None:
    assert pieces.is_main_guard(ast.parse(source).body[0]) is is_guard
