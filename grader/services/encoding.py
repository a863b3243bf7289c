"""Which encoding a file is in: what it says itself, and nothing that we would have to guess.

A byte order mark says it (UTF-8, or UTF-16 as PowerShell's `>` writes it), else a line as PEP 263 has it
(`# -*- coding: gbk -*-`, among the first two), else it is UTF-8, as for Python. What the file says is decoded strictly.
"""

from __future__ import annotations

import codecs
import re
from encodings import normalize_encoding
from encodings.aliases import aliases

from grader.domain.errors import Reason, StudentError
from grader.domain.message import Message, message

_MARKS = (
    (codecs.BOM_UTF32_LE, None),  # begins as that of UTF-16 does
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]{1,40})")
_MAY_STAND_BEFORE = re.compile(rb"[ \t\f]*(?:#.*)?")
_FIRST_LINES = re.compile(rb"([^\r\n]*)(?:\r\n|\r|\n|\Z)([^\r\n]*)")

TAKEN = frozenset(
    {
        "latin_1", "iso8859_15", "cp1252",
        "gbk", "gb2312", "gb18030", "big5", "cp950",
        "shift_jis", "cp932", "euc_kr", "cp949",
    }
)  # fmt: skip
"""Python's own names of what a file may declare itself to be; each has ASCII where ASCII is, and so keeps the lines."""

_PLAIN = ("", "utf_8", "utf_8_sig", "ascii")
_MORE_NAMES = {"iso_latin_1": "latin_1"}
_LINE_ENDS_OF_EMACS = re.compile(r"_(?:unix|dos|mac)$")


def unmarked(data: bytes) -> tuple[bytes, bool]:
    """A file as UTF-8 without its byte order mark, and whether it had one; others come back as they are."""
    for mark, encoding in _MARKS:
        if not data.startswith(mark):
            continue
        if encoding is None:
            break
        body = data.removeprefix(mark)
        return (body if encoding == "utf-8" else _utf_16(body, encoding).encode()), True
    return data, False


def decoded(data: bytes, *, is_unicode: bool) -> str:
    """The text of unmarked bytes; StudentError `bad_upload` says what to do where they are not what they should be.

    `is_unicode`: they are UTF-8 whatever a line in them declares, because they had a mark or came as text.
    """
    declared = "" if is_unicode else declared_encoding(data)
    if declared not in TAKEN:
        return _utf_8(data, declared)
    try:
        return data.decode(declared)
    except UnicodeDecodeError as error:
        position = error.start
    # An editor that saves everything as UTF-8 leaves the line as it was; such files were always taken.
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise _bad(message("not_as_declared", encoding=_told(declared), position=position)) from None


def declared_encoding(data: bytes) -> str:
    """What a file says of its encoding by PEP 263, in Python's spelling where Python knows it; empty where it says nothing."""
    lines = _FIRST_LINES.match(data)
    assert lines is not None, "two lines may be empty"
    found = _DECLARED.match(lines[1])
    if found is None and _MAY_STAND_BEFORE.fullmatch(lines[1]):
        found = _DECLARED.match(lines[2])
    if found is None:
        return ""
    # Not by codecs.lookup, which keeps every name that it was ever asked for.
    name = _LINE_ENDS_OF_EMACS.sub("", normalize_encoding(found[1].decode("ascii")).lower())
    return aliases.get(name, _MORE_NAMES.get(name, name))


def _utf_16(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _bad(message("not_as_declared", encoding="UTF-16", position=error.start + 2)) from None


def _utf_8(data: bytes, declared: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if declared not in _PLAIN:
            raise _bad(message("encoding_not_taken", encoding=_told(declared))) from None
        raise _bad(message("not_utf8", position=error.start)) from None


def _told(name: str) -> str:
    return name.replace("_", "-")


def _bad(text: Message) -> StudentError:
    return StudentError(Reason.BAD_UPLOAD, text)
