"""Bytes that somebody handed in, as the source that is graded."""

from __future__ import annotations

from grader.domain.errors import Reason, StudentError
from grader.domain.message import Message, message
from grader.services.encoding import decoded, unmarked
from grader.services.file_kind import kind_of
from grader.services.notebook import MAX_NOTEBOOK_BYTES, code_of, is_notebook

MAX_CODE_BYTES = 256 * 1024


def read_source(data: bytes, file_name: str = "", *, is_text: bool = False, size: int | None = None) -> str:
    r"""A file or a notebook as code with `\n` line ends, no byte order mark; StudentError `bad_upload` says what is wrong.

    `is_text`: the bytes were never in a file, but are UTF-8 of text that came as such, whatever is declared in it.
    `size`: that of the whole file, where `data` is only as much of it as shows that it is too large.
    """
    if not data.strip():
        raise _bad(message("empty_file"))
    kind = kind_of(data, file_name)
    if kind is not None:
        raise _bad(message("looks_binary", kind=message(kind)))
    size = max(size or 0, len(data))
    if size > MAX_NOTEBOOK_BYTES and is_notebook(data, file_name):
        raise _bad(message("notebook_too_large", size=size, limit=MAX_NOTEBOOK_BYTES))
    if size > MAX_NOTEBOOK_BYTES:
        raise _too_large(size)
    unicode, had_mark = unmarked(data)
    if is_notebook(unicode, file_name):
        text = code_of(unicode)
    elif len(unicode) > MAX_CODE_BYTES:
        raise _too_large(len(unicode))
    else:
        text = decoded(unicode, is_unicode=is_text or had_mark)
    return _as_source(text)


def _as_source(text: str) -> str:
    size = len(text.encode())
    if size > MAX_CODE_BYTES:
        raise _too_large(size)
    if "\0" in text:
        raise _bad(message("contains_nul"))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise _bad(message("empty_file"))
    return text


def _too_large(size: int) -> StudentError:
    return _bad(message("too_large", size=size, limit=MAX_CODE_BYTES))


def _bad(text: Message) -> StudentError:
    return StudentError(Reason.BAD_UPLOAD, text)
