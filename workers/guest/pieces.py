"""A source as what is run one after the other: a script is one piece, each cell of a notebook is one.

A script that does not compile, or stops, is the student's mistake, unless it misses what only its author's machine
has: a file, the internet, a keyboard. A notebook is run as its reader runs it: a cell that fails is told, and the next
one has its turn, since a picture that is missing at the end takes nothing from the model in the middle.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from . import awaiting, cells, magics, shell
from .explain import FILE_NAME, explain, syntax
from .exported import understood
from .refusal import NoModel, short

_CELLS_TOLD = 10
_OF_THE_AUTHORS_MACHINE = ("file_not_found", "no_internet", "asks_input")


@dataclass(frozen=True)
class Piece:
    """Compiled code with its tree, or why it does not compile; `cell` is None in a script."""

    cell: int | None
    tree: ast.Module
    code: types.CodeType | None
    mistake: NoModel | None = None


@dataclass(frozen=True)
class Failure:
    """A cell (None: the script) that stopped, and why."""

    cell: int | None
    mistake: NoModel


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


def run(pieces: list[Piece], namespace: dict[str, object]) -> list[Failure]:
    """Run them in order in one namespace; what a cell raises is kept, what a script raises mostly goes through."""
    failures = []
    shell.serve(namespace, magics.SHELL)
    for piece in pieces:
        try:
            if piece.code is None:
                raise piece.mistake or NoModel("bad_code", "syntax_error", {})
            awaiting.run_code(piece.code, namespace)
        except BaseException as error:
            mistake = explain(error, None)
            if piece.cell is None and mistake.code not in _OF_THE_AUTHORS_MACHINE:
                raise
            failures.append(Failure(piece.cell, mistake))
            if isinstance(error, SystemExit):
                break
    return failures


def first_cause(error: NoModel, failures: list[Failure]) -> NoModel:
    """What to tell when no model came out: a name is missing where the cell that makes it has failed."""
    missing = error.code == "no_such_function" or error.params.get("error") in (
        "NameError",
        "UnboundLocalError",
    )
    return failures[0].mistake if failures and missing else error


def told(failures: list[Failure]) -> list[dict[str, Any]]:
    """The note about cells that failed in a notebook that was graded all the same."""
    if not failures:
        return []
    first = failures[0]
    words = [first.mistake.params.get(name) for name in ("error", "text", "detail", "name", "module")]
    why = short(
        ": ".join(str(word) for word in words if word)[:120] or first.mistake.code.replace("_", " "), 120
    )
    if first.cell is None:
        return [{"code": "script_stopped", "params": {"line": str(first.mistake.line), "why": why}}]
    numbers = ", ".join(str(failure.cell) for failure in failures[:_CELLS_TOLD])
    return [{"code": "cells_failed", "params": {"cells": numbers, "why": why}}]


def _piece(cell: int | None, text: str, dropped: list[str]) -> Piece:
    # A notebook waits at the top of a cell, a script does not.
    flags = 0 if cell is None else ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        tree = understood(ast.parse(text, FILE_NAME))
        return Piece(cell, tree, compile(tree, FILE_NAME, "exec", flags, dont_inherit=True))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        plain, put_out = magics.as_python(text)
        if plain == text:
            return Piece(cell, ast.Module([], []), None, syntax(error, text))
    dropped += put_out
    return _piece(cell, plain, dropped)


def statements(pieces: list[Piece]) -> Iterator[ast.stmt]:
    """The top-level statements of everything that compiles, in order."""
    for piece in pieces:
        yield from piece.tree.body
