"""The comparison of layers on a terminal, from the public JSON of a report's part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.domain.message import Message, Param, message
from grader.language import LANGUAGES
from grader.messages import render

Line = Mapping[str, Any]


def side_by_side(lines: Sequence[Line], language: str | None = None) -> RenderableType:
    """A table of the asked layers beside the student's, an arrow at what to change first, and the shapes there."""
    shown = _Shown(language or LANGUAGES[0])
    branches = any(line.get("expected_inputs") or line.get("actual_inputs") for line in lines)
    table = Table(title=shown.say("cli_comparison"), title_justify="left")
    headings = [*(["cli_line"] if branches else []), "cli_asked", "cli_yours"]
    for heading in ("", *map(shown.say, headings), ""):
        table.add_column(heading, overflow="fold")
    for number, line in enumerate(lines, 1):
        first = bool(line.get("first"))
        row = ["→" if first else "", *([str(number)] if branches else [])]
        row += [shown.layer(line, side, branches=branches) for side in ("expected", "actual")]
        table.add_row(*map(Text, (*row, line.get("message") or "")), style=_style(line, first=first))
    return Group(table, *(Text(f"→ {told}") for line in lines if (told := shown.shapes(line))))


class _Shown:
    """Words in one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def say(self, code: str, **params: Param) -> str:
        return render(message(code, **params), self._language)

    def layer(self, line: Line, side: str, *, branches: bool) -> str:
        written = line[side] or "–"
        inputs = line.get(f"{side}_inputs")
        if not (branches and inputs):
            return str(written)
        return f"{written}\n{self.say('cli_from', sources=_sources(inputs))}"

    def shapes(self, line: Line) -> str:
        asked, given = line.get("expected_shape"), line.get("actual_shape")
        if not (line.get("first") and asked and given):
            return ""
        if asked == given:
            return self.say("cli_same_shape", shape=_shape(given))
        return self.say("cli_other_shape", asked=_shape(asked), given=_shape(given))


def _style(line: Line, *, first: bool) -> str:
    if first:
        return "bold red"
    if line["kind"] == "own":
        return "dim"
    return "" if line["kind"] == "same" else "red"


def _sources(inputs: Sequence[int]) -> str | Message:
    words = [message("the_input") if source < 0 else str(source + 1) for source in inputs]
    return reduce(lambda first, second: message("both", first=first, second=second), words)


def _shape(sizes: Sequence[int | None]) -> str:
    return "(" + ", ".join(map(str, sizes)) + ")"
