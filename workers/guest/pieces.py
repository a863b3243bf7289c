"""A source as what is run one after the other: a script is one piece, each cell of a notebook is one."""

from __future__ import annotations
import __future__

import ast
import functools
import operator
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from . import cells, magics
from .explain import FILE_NAME, syntax
from .exported import understood
from .refusal import NoModel, short

_FUTURES = functools.reduce(
    operator.or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)


@dataclass(frozen=True)
class Piece:
    """A tree with its text, or why it does not compile; `cell` is None in a script, `flags` are the compiler's."""

    cell: int | None
    tree: ast.Module
    text: str
    flags: int = 0
    mistake: NoModel | None = None

    @property
    def first_line(self) -> int:
        """Where the piece's own text begins, below the empty lines that stand for what is before it."""
        return len(self.text) - len(self.text.lstrip("\n")) + 1

    def compiled(self, statement: ast.stmt) -> types.CodeType:
        """One top-level statement as code of its own."""
        module = ast.Module([statement], [])
        code: types.CodeType = compile(module, FILE_NAME, "exec", flags=self.flags, dont_inherit=True)
        return code


def read(source: str, notes: list[dict[str, Any]]) -> list[Piece]:
    """The pieces of a source. Raises `NoModel` for a script that does not compile."""
    dropped: list[str] = []
    found = [_piece(cell, text, dropped) for cell, text in cells.split(source)]
    if dropped:
        notes.append({"code": "magics_dropped", "params": {"first": short(magics.most_telling(dropped), 80)}})
    for piece in found:
        if piece.mistake and piece.cell is None:
            raise piece.mistake
    return found


def _piece(cell: int | None, text: str, dropped: list[str]) -> Piece:
    # A notebook waits at the top of a cell, a script does not.
    waits = 0 if cell is None else ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        tree = understood(ast.parse(text, FILE_NAME))
        code: types.CodeType = compile(tree, FILE_NAME, "exec", flags=waits, dont_inherit=True)
        return Piece(cell, tree, text, (code.co_flags & _FUTURES) | waits)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        plain, put_out = magics.as_python(text)
        if plain == text:
            return Piece(cell, ast.Module([], []), text, mistake=syntax(error, text))
    dropped += put_out
    return _piece(cell, plain, dropped)


def statements(pieces: list[Piece]) -> Iterator[ast.stmt]:
    """The top-level statements of everything that compiles, in order."""
    for piece in pieces:
        yield from piece.tree.body


def is_main_guard(statement: ast.stmt) -> bool:
    """Whether this is `if __name__ == "__main__":`, either way round."""
    if not isinstance(statement, ast.If) or not isinstance(statement.test, ast.Compare):
        return False
    test = statement.test
    sides = [test.left, *test.comparators]
    names = [each.id for each in sides if isinstance(each, ast.Name)]
    words = [each.value for each in sides if isinstance(each, ast.Constant)]
    return isinstance(test.ops[0], ast.Eq) and names == ["__name__"] and words == ["__main__"]
