"""Cells: where a source is divided, and where a line of it stands.

A notebook reaches the guest as one source whose cells begin with `# %% cell 3 of the notebook`; scripts that a
notebook was exported to have cells too (`# In[3]:` by nbconvert, `# %%` in editors).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MARKER = re.compile(r"# %% cell (\d{1,6}) of the notebook\n?")
_EXPORTED = re.compile(r"# ?(?:%%(?: .*)?|[iI]n ?\[[ \d]*\]:?)\s*")


def place(lines: list[str], line: int) -> str:
    """`line 7`, or in a notebook `cell 3, line 2`."""
    before = lines[: line - 1]
    for back, text in enumerate(reversed(before)):
        cell = MARKER.fullmatch(text)
        if cell:
            return f"cell {cell[1]}, line {back + 1}"
    return f"line {line}"


def lines_of(source: str) -> list[str]:
    r"""The lines of a source with their ends, as Python counts them: a form feed or U+2028 within one ends none.

    `str.splitlines` would end lines there, and every later line would be told with a wrong text.
    """
    return [f"{line}\n" for line in source.split("\n")]


def is_marker(line: str) -> bool:
    """Whether a line says only that a cell begins."""
    return bool(MARKER.fullmatch(line) or _EXPORTED.fullmatch(line))


def split(source: str) -> Iterator[tuple[int | None, str]]:
    """Each cell's number and text, below as many empty lines as stand before it; a script is one piece, None."""
    lines = source.split("\n")
    marker = MARKER if any(map(MARKER.fullmatch, lines)) else _EXPORTED
    starts = [number for number, text in enumerate(lines) if marker.fullmatch(text)]
    if not starts:
        yield None, source
        return
    if starts[0]:
        starts.insert(0, 0)
    for cell, (start, end) in enumerate(zip(starts, [*starts[1:], len(lines)], strict=True), 1):
        yield cell, "\n" * start + "\n".join(lines[start:end])
