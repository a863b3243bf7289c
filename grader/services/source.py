"""Bytes that somebody handed in, as the source that is graded."""

from __future__ import annotations

from grader.domain.errors import Reason, StudentError
from grader.domain.message import Message, message
from grader.services.notebook import code_of, is_notebook

MAX_CODE_BYTES = 256 * 1024
_BOM = b"\xef\xbb\xbf"
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "kind_pdf"),
    (b"PK\x03\x04", "kind_zip"),
    (b"\x89HDF\r\n\x1a\n", "kind_hdf5"),
    (b"\x1f\x8b", "kind_gzip"),
    (b"\x89PNG", "kind_png"),
    (b"\xff\xd8\xff", "kind_jpeg"),
    (b"\x7fELF", "kind_program"),
    (b"Rar!", "kind_rar"),
    (b"7z\xbc\xaf", "kind_7z"),
    (b"\xd0\xcf\x11\xe0", "kind_office"),
    (b"SQLite format 3", "kind_sqlite"),
    (b"{\\rtf", "kind_rtf"),
)
_PYC_TAIL = b"\r\n"


def read_source(data: bytes, file_name: str = "") -> str:
    r"""Bytes of a file or a notebook to code with `\n` line ends and no byte order mark; StudentError `bad_upload` says what is wrong."""
    if not data.strip():
        raise _bad(message("empty_file"))
    kind = binary_kind(data, file_name)
    if kind is not None:
        raise _bad(message("looks_binary", kind=message(kind)))
    text = code_of(data) if is_notebook(data, file_name) else _decoded(data)
    size = len(text.encode())
    if size > MAX_CODE_BYTES:
        raise _bad(message("too_large", size=size, limit=MAX_CODE_BYTES))
    if "\0" in text:
        raise _bad(message("contains_nul"))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise _bad(message("empty_file"))
    return text


def _decoded(data: bytes) -> str:
    if len(data) > MAX_CODE_BYTES + len(_BOM):
        raise _bad(message("too_large", size=len(data), limit=MAX_CODE_BYTES))
    try:
        return data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad(message("not_utf8", position=error.start)) from None


def binary_kind(data: bytes, file_name: str = "") -> str | None:
    """The code of the phrase for a file of another kind; None for what may be text."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if file_name.endswith(".pyc") or (data[2:4] == _PYC_TAIL and b"\0" in data[:16]):
        return "kind_pyc"
    return None


def _bad(text: Message) -> StudentError:
    return StudentError(Reason.BAD_UPLOAD, text)
