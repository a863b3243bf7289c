"""Magics without their sign: `ls`, `cd data`, `pip install …`, as a notebook takes them where no such name exists.

A line that Python cannot read is one where it begins with such a word and nothing in its cell makes a thing of that
name. A line that it can read (`pwd`, `ls -l`) is left to the moment when it runs: only then is it known what exists.
"""

from __future__ import annotations

import ast
import re

_SHELL = (
    "ls", "ll", "lf", "lk", "ldir", "lx", "pwd", "cd", "cat", "mkdir", "rmdir", "rm", "cp", "mv", "less", "more", "man",
    "clear", "cls", "ddir", "echo", "copy", "ren", "pushd", "popd", "dirs",
)  # fmt: skip
_MAGICS = (
    "pip", "conda", "mamba", "load_ext", "reload_ext", "unload_ext", "autoreload", "tensorflow_version", "tensorboard",
    "timeit", "prun", "who", "whos", "who_ls", "pinfo", "pinfo2", "hist", "history", "run", "load", "set_env", "xmode",
    "lsmagic", "quickref", "rehashx", "autosave", "matplotlib", "pylab",
)  # fmt: skip
_WORDS = frozenset({*_SHELL, *_MAGICS})
_LINE = re.compile(r"[ \t]*(?P<word>[a-z_]\w*)(?:[ \t]+(?P<rest>[^\s=(\[,:].*))?[ \t]*")
_OPERATOR = re.compile(r"(?:in|is|if|and|or|not|for|as)\b|[-+*/%<>!&|^]=")
_DRAWS = re.compile(r"(?:inline|notebook|widget|ipympl|agg|auto|tk|qt\d?|gtk\d?|osx|nbagg|--\w.*)\b.*")
_READABLE = (
    ast.Name, ast.Constant, ast.Attribute, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context,
)  # fmt: skip


def spoken(text: str, lines: list[str]) -> str | None:
    """A line that Python cannot read, with the `%` that was left out; None where it is no magic."""
    found = _LINE.fullmatch(text)
    if found is None or found["word"] not in _WORDS:
        return None
    word, rest = found["word"], found["rest"] or ""
    if _OPERATOR.match(rest) or (word in ("matplotlib", "pylab") and not _DRAWS.fullmatch(rest)):
        return None
    made = rf"\s*(?:[\w.,\s(\[]*\b)?{word}\b[\w.,\s)\]]*(?::[^=]*)?=(?!=)|.*\b(?:import|def|class|for|as)\b.*\b{word}\b"
    if any(re.match(made, line) for line in lines if line is not text):
        return None
    start = len(text) - len(text.lstrip())
    return f"{text[:start]}%{text[start:].rstrip()}"


def asked(statement: ast.stmt) -> str | None:
    """The word that a statement begins with, where it may be such a line: `ls`, `ls -l`, `pwd`."""
    if not isinstance(statement, ast.Expr) or statement.lineno != statement.end_lineno:
        return None
    if not all(isinstance(part, _READABLE) for part in ast.walk(statement.value)):
        return None
    left: ast.expr = statement.value
    while isinstance(left, ast.BinOp):
        left = left.left
    return left.id if isinstance(left, ast.Name) and left.id in _WORDS else None
