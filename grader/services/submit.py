"""Take what somebody handed in: read the bytes, save the submission, put it in line."""

from __future__ import annotations

from datetime import datetime

from grader.domain.errors import Reason, StudentError
from grader.domain.message import Message, message
from grader.domain.report import Report
from grader.services.dispatch import Dispatcher
from grader.services.ports import NewSubmission, Submission, Upload

MAX_CODE_BYTES = 256 * 1024
_BOM = b"\xef\xbb\xbf"
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF document"),
    (b"PK\x03\x04", "ZIP archive (or a Word or Keras file)"),
    (b"\x89HDF\r\n\x1a\n", "HDF5 file"),
    (b"\x1f\x8b", "gzip archive"),
    (b"\x89PNG", "PNG picture"),
    (b"\xff\xd8\xff", "JPEG picture"),
    (b"\x7fELF", "program"),
    (b"Rar!", "RAR archive"),
    (b"7z\xbc\xaf", "7z archive"),
    (b"\xd0\xcf\x11\xe0", "Office document"),
    (b"SQLite format 3", "SQLite database"),
    (b"{\\rtf", "RTF document"),
)
_PYC_TAIL = b"\r\n"


class UnknownAssignment(LookupError):
    """No assignment of that name is on the shelf."""


def submit(upload: Upload, dispatcher: Dispatcher, now: datetime) -> Submission:
    """Save and enqueue one upload; bytes that are no source are saved with a report instead. Keys make it idempotent."""
    assignment = dispatcher.shelf.assignments.get(upload.assignment)
    if assignment is None:
        raise UnknownAssignment(upload.assignment)
    try:
        source = read_source(upload.data, upload.file_name)
    except StudentError as error:
        new = NewSubmission(upload, assignment.version, "", now)
        max_score = dispatcher.shelf.max_score(assignment.slug)
        return dispatcher.store.add(
            new, Report.invalid(assignment.slug, assignment.version, max_score, error)
        )
    saved = dispatcher.store.add(NewSubmission(upload, assignment.version, source, now), None)
    if saved.attempt == 0:
        dispatcher.dispatch(saved, now)
    return dispatcher.store.get(saved.id) or saved


def read_source(data: bytes, file_name: str = "") -> str:
    r"""Bytes to code with `\n` line ends and no byte order mark; StudentError `bad_upload` says what is wrong."""
    if not data.strip():
        raise _bad(message("empty_file"))
    kind = binary_kind(data, file_name)
    if kind is not None:
        raise _bad(message("looks_binary", kind=kind))
    if is_notebook(data, file_name):
        raise _bad(message("notebook_not_supported"))
    if len(data) > MAX_CODE_BYTES:
        raise _bad(message("too_large", size=len(data), limit=MAX_CODE_BYTES))
    try:
        text = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad(message("not_utf8", position=error.start)) from None
    if "\0" in text:
        raise _bad(message("contains_nul"))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise _bad(message("empty_file"))
    return text


def binary_kind(data: bytes, file_name: str = "") -> str | None:
    """What a file of another kind is, in words; None for what may be text."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if file_name.endswith(".pyc") or (data[2:4] == _PYC_TAIL and b"\0" in data[:16]):
        return "compiled Python file"
    return None


def is_notebook(data: bytes, file_name: str = "") -> bool:
    """Whether these bytes look like a Jupyter notebook; turning one into code is a step of its own."""
    head = data[:4096].lstrip()
    return file_name.endswith(".ipynb") or (head.startswith(b"{") and b'"cells"' in head)


def _bad(text: Message) -> StudentError:
    return StudentError(Reason.BAD_UPLOAD, text)
