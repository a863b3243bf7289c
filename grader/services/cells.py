"""What of a notebook its code is read from: the rest is cut out before anything is made of it.

A notebook may be large by its outputs, and JSON of 20 MB can be made to hold millions of values, which cost twenty
times their bytes once they exist. So one pass over the bytes leaves out the value of every key that nobody reads, and
counts: nothing is made of what is left out, and of what is left only as much as is bounded.
"""

from __future__ import annotations

import json
import re
from typing import Any

from grader import wire

MOST_MARKS = 1_000_000
"""Texts, keys, lists and objects of a whole notebook. Numbers cost nothing: a plot has millions of them."""

MOST_VALUES = 300_000
"""Of what is left; as many lines of one letter are more code than is taken."""

DEEPEST = 16
"""Levels of what is left; code lies on the seventh at most."""

READ = frozenset(
    {
        b"cells", b"cell_type", b"source", b"input", b"worksheets",
        b"metadata", b"kernelspec", b"language_info", b"name", b"language",
    }
)  # fmt: skip

# Possessive, and an end may be missing, so that this is linear in whatever comes (as in `wire`).
_MARK = re.compile(rb'"((?:[^"\\]++|\\.?)*+)"?(\s*+:)?|[\[\]{}]', re.DOTALL)
_OPENING, _CLOSING = b"[{", b"]}"


class Sprawling(ValueError):
    """More values than are read."""


def read_cells(data: bytes) -> Any:
    """The JSON of a notebook in UTF-8 without what is not read; ValueError where it is none, Sprawling where it is too much."""
    left = _cut(data)
    try:
        wire.refuse_sprawling(left, DEEPEST, MOST_VALUES)
    except wire.WireTooBig as error:
        raise Sprawling(*error.args) from None
    return json.loads(left.decode("utf-8-sig"))


def _cut(data: bytes) -> bytes:
    """The same with `null` for each list and object below a key that is not read."""
    kept: list[bytes] = []
    start = depth = 0
    hidden: int | None = None
    unread = False
    for count, mark in enumerate(_MARK.finditer(data)):
        if count >= MOST_MARKS:
            detail = f"more than {MOST_MARKS} texts, lists and objects"
            raise Sprawling(detail)
        kind = data[mark.start()]
        if kind in _OPENING:
            if hidden is None and unread:
                kept += (data[start : mark.start()], b"null")
                hidden = depth
            depth += 1
        elif kind in _CLOSING:
            depth -= 1
            if depth == hidden:
                hidden, start = None, mark.end()
        unread = mark[2] is not None and not _is_read(mark[1])
    if hidden is not None or depth != 0:
        detail = "it ends within a list or an object"
        raise ValueError(detail)
    return b"".join((*kept, data[start:]))


def _is_read(key: bytes) -> bool:
    """Whether the value of this key matters; one with an escape may be any of them."""
    return key in READ or b"\\" in key
