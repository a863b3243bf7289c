"""What only a notebook understands, as Python: magics, shell lines, cells that write a file.

Lines are found by asking Python: only one that it cannot read, and that begins as they do, is changed, so that no `%`
of a calculation is ever mistaken for one. Every line keeps its number. What has an effect that later code needs becomes
a call of the notebook's shell (see shell.py); the rest is put out of action, and told.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable

from .automagic import spoken
from .cells import is_marker

SHELL = "__notebook__"
"""The name under which code finds the notebook's shell."""

_MAGIC = re.compile(
    r"(?P<indent>[ \t]*)(?P<rest>(?P<target>[\w., \[\]'\"]+=[ \t]*)?(?P<what>[%!?][^=].*|%{0,2}[\w.*]+\?{1,2}\s*))"
)
_RUNS = "time|timeit|prun|memit"
_TIMED = re.compile(rf"%(?:{_RUNS})\s+([^-].*)")
_RUN = re.compile(r"%run\s+(?P<file>\S.*)")
_PYLAB = re.compile(r"%pylab\b.*")
_CELL = re.compile(r"%%(?P<name>[\w!.]+)[ \t]*(?P<rest>.*)")
_NAME = re.compile(r"[A-Za-z_]\w*")
_RUNS_ITS_CELL = frozenset({"time", "timeit", "capture", "prun", "memit", "mprun", "grade"})
_WRITES = frozenset({"writefile", "file"})
_OTHER_LANGUAGE = frozenset(
    {
        "!", "bash", "sh", "script", "cmd", "powershell", "system", "sx", "python", "python2", "python3", "pypy", "pypy3",
        "html", "HTML", "SVG", "svg", "latex", "markdown", "javascript", "js", "perl", "ruby", "R", "cython", "sql",
        "bigquery", "julia", "octave", "shell", "skip",
    }
)  # fmt: skip
_TOLD_FIRST = re.compile(r"%?(?:run|load|cd|reset)\b")
_AS_PYLAB = (
    "import numpy, matplotlib; from matplotlib import pylab, mlab, pyplot; np = numpy; plt = pyplot; "
    "from pylab import *; from numpy import *"
)
_MOST = 200


def as_python(source: str) -> tuple[str, list[str]]:
    """A piece with the notebook's own language as Python, line for line, and what was put out of action."""
    lines, dropped = source.split("\n"), list[str]()
    number, first = next(
        ((at, text) for at, text in enumerate(lines) if text.strip() and not is_marker(text)), (0, "")
    )
    cell = _CELL.fullmatch(first.rstrip())
    if cell:
        whole = _whole_cell(cell, lines, number)
        if whole is not None:
            return "\n".join(whole), [] if cell["name"] in _WRITES else [first.strip()]
    for _ in range(_MOST):
        line = _unreadable_line("\n".join(lines))
        if not line or line > len(lines):
            break
        changed = _understood(lines[line - 1], lines, dropped)
        if changed is None:
            break
        lines = [*lines[: line - 1], *_with_what_is_joined(changed, lines[line - 1], lines[line:])]
    return "\n".join(lines), dropped


def most_telling(dropped: Iterable[str]) -> str:
    """Of what was put out of action, the first that most likely mattered."""
    found = list(dropped)
    return next((text for text in found if _TOLD_FIRST.match(text)), found[0])


def call(method: str, *arguments: object) -> str:
    """A call of the notebook's shell, on one line."""
    return f"{SHELL}.{method}({', '.join(map(repr, arguments))})"


def _whole_cell(cell: re.Match[str], lines: list[str], number: int) -> list[str] | None:
    """A cell whose first line says that the rest is no code to run; None where it is."""
    name, body = cell["name"], lines[number + 1 :]
    if name in _WRITES:
        text = "\n".join(body).rstrip("\n") + "\n"
        return [*lines[:number], call("write", cell["rest"], text, number + 2), *("" for _ in body)]
    is_code = name in _RUNS_ITS_CELL or (name not in _OTHER_LANGUAGE and _reads_as_python(body))
    return None if is_code else [f"# {text}" if text else "" for text in lines]


def _reads_as_python(body: list[str]) -> bool:
    return any(map(str.strip, body)) and _unreadable_line("\n".join(body)) is None


def _understood(text: str, lines: list[str], dropped: list[str]) -> str | None:
    """One line that Python cannot read as Python; None where no notebook could read it either."""
    found = _MAGIC.fullmatch(text)
    if found is None:
        bare = spoken(text, lines)
        if bare is None:
            return None
        found = _MAGIC.fullmatch(bare)
        assert found is not None, "a magic with its sign is one"
    what, target = found["what"].rstrip(), found["target"] or ""
    timed, runs, captured = _TIMED.fullmatch(what), _RUN.fullmatch(what), _CELL.fullmatch(what)
    if runs and not target:
        return found["indent"] + call("run", runs["file"])
    if captured and captured["name"] == "capture":
        target = _captured_name(captured["rest"])
    if timed:
        return found["indent"] + target + timed[1]
    if _PYLAB.fullmatch(what) and not found["indent"]:
        return _AS_PYLAB
    if not runs:
        dropped.append(text.strip())
    return f"{found['indent']}{target + _value(what) if target else 'pass'}  # {found['rest']}"


def _value(what: str) -> str:
    if what.startswith("!"):
        return call("lines", what.lstrip("!").strip())
    return call("captured") if what.startswith("%%capture") else call("value", what.lstrip("%").strip())


def _captured_name(rest: str) -> str:
    words = [word for word in rest.split() if not word.startswith("-")]
    return f"{words[0]} = " if words and _NAME.fullmatch(words[0]) else ""


def _with_what_is_joined(changed: str, text: str, after: list[str]) -> list[str]:
    """The changed line, with the lines that a backslash joins to it as comments."""
    put_out = [changed.rstrip("\\")]
    while text.endswith("\\") and after:
        text, *after = after
        put_out.append(f"# {text}".rstrip("\\"))
    return [*put_out, *after]


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
