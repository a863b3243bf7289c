"""Notebook code: where a line stands, and what only a notebook understands taken out of Python's way.

A notebook reaches the guest as one source whose cells begin with `# %% cell 3 of the notebook`; scripts that a
notebook was exported to have cells too (`# In[3]:` by nbconvert, `# %%` in editors). Magics and shell
lines are found by asking Python: only a line that it cannot read, and that begins as they do, is put out of
action, so that no `%` of a calculation is ever mistaken for one.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

_MARKER = re.compile(r"# %% cell (\d{1,6}) of the notebook\n?")
_EXPORTED = re.compile(r"# ?(?:%%(?: .*)?|[iI]n ?\[[ \d]*\]:?)\s*")
_MAGIC = re.compile(
    r"(?P<indent>[ \t]*)(?P<rest>(?P<assigned>[\w., ]+=[ \t]*)?(?:[%!?][^=].*|[\w.]+\?{1,2}\s*))"
)
_TIMED = re.compile(r"%(?:time|timeit)\s+([^-].*)")
_OTHER_LANGUAGE = re.compile(r"%%(?!time\b|timeit\b|capture\b|prun\b|memit\b)\w")
_MOST = 200


def place(lines: list[str], line: int) -> str:
    """`line 7`, or in a notebook `cell 3, line 2`."""
    before = lines[: line - 1]
    for back, text in enumerate(reversed(before)):
        cell = _MARKER.fullmatch(text)
        if cell:
            return f"cell {cell[1]}, line {back + 1}"
    return f"line {line}"


def split(source: str) -> Iterator[tuple[int | None, str]]:
    """Each cell's number and text, below as many empty lines as stand before it; a script is one piece, None."""
    lines = source.split("\n")
    marker = _MARKER if any(map(_MARKER.fullmatch, lines)) else _EXPORTED
    starts = [number for number, text in enumerate(lines) if marker.fullmatch(text)]
    if not starts:
        yield None, source
        return
    if starts[0]:
        starts.insert(0, 0)
    for cell, (start, end) in enumerate(zip(starts, [*starts[1:], len(lines)], strict=True), 1):
        yield cell, "\n" * start + "\n".join(lines[start:end])


def without_magics(source: str) -> tuple[str, list[str]]:
    """A piece with magics and shell lines put out of action, line for line, and what they were."""
    lines, dropped = source.split("\n"), list[str]()
    first = next((text for text in lines if text.strip() and not _MARKER.fullmatch(text)), "")
    if _OTHER_LANGUAGE.match(first):
        return "\n".join(f"# {text}" if text else "" for text in lines), [first]
    while len(dropped) < _MOST:
        line = _unreadable_line("\n".join(lines))
        found = _MAGIC.fullmatch(lines[line - 1]) if line and line <= len(lines) else None
        if not line or not found:
            break
        dropped.append(found["rest"].strip())
        lines = [*lines[: line - 1], *_put_out(found, lines[line:])]
    return "\n".join(lines), dropped


def _put_out(found: re.Match[str], after: list[str]) -> list[str]:
    """The line as Python that does nothing (`%time x` as x), and the lines that a backslash joins to it."""
    timed = _TIMED.fullmatch(found["rest"])
    if timed:
        return [found["indent"] + timed[1], *after]
    value = f"{found['assigned']}None" if found["assigned"] else "pass"
    put_out, text = [f"{found['indent']}{value}  # {found['rest']}"], found["rest"]
    while text.endswith("\\") and after:
        text, *after = after
        put_out.append(f"# {text}")
    return [put_out[0].rstrip("\\"), *put_out[1:], *after]


def _unreadable_line(source: str) -> int | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except SyntaxError as error:
        return error.lineno
    except (ValueError, RecursionError, MemoryError):
        return None
    return None
