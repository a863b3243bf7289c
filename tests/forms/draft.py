"""A submission while it is being written: the answer, and what its author has put around it."""

from __future__ import annotations

import ast
import json
import textwrap
from dataclasses import dataclass
from enum import StrEnum

from tests.forms.rows import Row


class Container(StrEnum):
    """What kind of file it becomes."""

    SCRIPT = "script"
    GUARDED = "script under a main guard"
    EXPORTED = "script that a notebook was exported to"
    NOTEBOOK = "notebook"


@dataclass(frozen=True)
class Draft:
    """Code by its places; `before` and `behind` are pieces, each a cell of its own in a notebook.

    `answer` defines what is asked for: functions and classes, or with `variable` the finished network under that name.
    `call` is Python for a network made by it. `top` must come first in the file. `codec` and `mark` (a byte order
    mark) make bytes of the text, after `newline` was put at the ends of its lines.
    """

    row: Row
    right: bool
    head: str
    answer: str
    call: str
    variable: str = ""
    top: str = ""
    before: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    container: Container = Container.SCRIPT
    head_first: bool = True
    newline: str = "\n"
    cookie: str = "utf-8"
    codec: str = "utf-8"
    mark: bytes = b""
    cpu_seconds: float | None = None

    @property
    def net(self) -> str:
        """The name of the author's finished network, for what comes behind."""
        return self.variable or "model"

    @property
    def made(self) -> str:
        """Makes it, where the answer does not, and compiles it."""
        lines = [] if self.variable else ["import keras", f"model = {self.call}"]
        options = f'optimizer="adam", loss="{self.row.loss}", metrics=["accuracy"]'
        return "\n".join([*lines, f"{self.net}.compile({options})"])

    @property
    def file_name(self) -> str:
        """As its author would call it."""
        return "homework.ipynb" if self.container is Container.NOTEBOOK else "homework.py"

    def pieces(self) -> list[str]:
        """Everything in its order; the author's own network is made where something is done with it."""
        begin = [self.head, *self.before] if self.head_first else [*self.before, self.head]
        made = [self.made] if self.behind or self.variable else []
        end = [self.answer, *made, *self.behind]
        if self.container is Container.GUARDED:
            body = "\n".join(end)
            end = [
                'if __name__ == "__main__":\n'
                + textwrap.indent(body, "    ", lambda line: bool(line.strip()))
            ]
        return [piece.strip("\n") for piece in (self.top, *begin, *end) if piece.strip()]

    def text(self) -> str:
        """The file as text."""
        if self.container is Container.NOTEBOOK:
            return _notebook(self.pieces())
        if self.container is Container.EXPORTED:
            cells = enumerate(self.pieces(), 1)
            return f"#!/usr/bin/env python\n# coding: {self.cookie}\n\n" + "\n\n".join(
                f"# In[{n}]:\n\n\n{it}\n" for n, it in cells
            )
        return "\n\n".join(self.pieces()) + "\n"

    def data(self) -> bytes:
        """The file as it is handed in."""
        return self.mark + self.text().replace("\n", self.newline).encode(self.codec)


def _notebook(pieces: list[str]) -> str:
    cells = [
        {
            "cell_type": "code",
            "execution_count": number,
            "metadata": {},
            "outputs": [],
            "source": it.splitlines(True),
        }
        for number, it in enumerate(pieces, 1)
    ]
    heading = {
        "cell_type": "markdown",
        "metadata": {},
        "source": ["# Homework\n", "Fill in the cells below."],
    }
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    book = {"nbformat": 4, "nbformat_minor": 2, "metadata": kernel, "cells": [heading, *cells]}
    return json.dumps(book, indent=1, ensure_ascii=False)


def plain(row: Row, right: bool) -> Draft:
    """The reference solution as it is: imports, then the functions or classes."""
    text = row.text(right)
    tree = ast.parse(text)
    first = next(node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom))
    start = min([first.lineno, *(it.lineno for it in getattr(first, "decorator_list", []))]) - 1
    lines = text.splitlines()
    given = ", ".join(repr(tuple(one) if isinstance(one, list) else one) for one in row.arguments)
    call = row.net or f"{row.functions[0]}({given})"
    return Draft(row, right, "\n".join(lines[:start]).strip(), "\n".join(lines[start:]).strip(), call)
