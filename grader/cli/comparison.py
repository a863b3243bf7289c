"""The comparison of layers on a terminal, from the public JSON of a report's part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

Line = Mapping[str, Any]


def side_by_side(lines: Sequence[Line]) -> RenderableType:
    """A table of the asked layers beside the student's, an arrow at what to change first, and the shapes there."""
    branches = any(line.get("expected_inputs") or line.get("actual_inputs") for line in lines)
    table = Table(title="Your layers beside the asked ones", title_justify="left")
    for heading in ("", *(["Line"] if branches else []), "Asked", "Yours", ""):
        table.add_column(heading, overflow="fold")
    for number, line in enumerate(lines, 1):
        first = bool(line.get("first"))
        row = ["→" if first else "", *([str(number)] if branches else [])]
        row += [_layer(line, "expected", branches=branches), _layer(line, "actual", branches=branches)]
        table.add_row(*map(Text, (*row, line.get("message") or "")), style=_style(line, first=first))
    return Group(table, *(Text(told) for line in lines if (told := _shapes(line))))


def _style(line: Line, *, first: bool) -> str:
    if first:
        return "bold red"
    if line["kind"] == "own":
        return "dim"
    return "" if line["kind"] == "same" else "red"


def _layer(line: Line, side: str, *, branches: bool) -> str:
    written = line[side] or "–"
    inputs = line.get(f"{side}_inputs")
    return f"{written}\nfrom {_sources(inputs)}" if branches and inputs else written


def _sources(inputs: Sequence[int]) -> str:
    return " and ".join("the input" if source < 0 else str(source + 1) for source in inputs)


def _shapes(line: Line) -> str:
    asked, given = line.get("expected_shape"), line.get("actual_shape")
    if not (line.get("first") and asked and given):
        return ""
    if asked == given:
        return f"→ The shape there is {_shape(given)}."
    return f"→ The shape there should be {_shape(asked)}; it is {_shape(given)}."


def _shape(sizes: Sequence[int | None]) -> str:
    return "(" + ", ".join(map(str, sizes)) + ")"
