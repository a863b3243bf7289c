r"""A Jupyter notebook as one Python source: its code cells in order, each below a line that says which it was.

The line is the convention between this module and the guest, which tells errors by cell:

    # %% cell 3 of the notebook

Nothing else of a notebook is kept: no output, no picture, no text cell. Formats 3 and 4 of Jupyter's own
description (nbformat) are read; validation against its schema is not needed to find the code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grader.domain.errors import Location, Reason, StudentError
from grader.domain.message import Message, message
from grader.services.cells import Sprawling, read_cells

MAX_NOTEBOOK_BYTES = 20_000_000
MARKER = "# %% cell {number} of the notebook"
_PYTHON = ("python", "python2", "python3", "ipython")


def is_notebook(data: bytes, file_name: str = "") -> bool:
    """Whether these bytes are meant as a notebook: by their name, or because they are its JSON."""
    inside = data.lstrip().startswith(b"{") and b'"cells"' in data and b'"cell_type"' in data
    return file_name.lower().endswith(".ipynb") or inside


def code_of(data: bytes) -> str:
    """The code of a notebook; StudentError `bad_upload` when it is too large, unreadable or has no Python in it."""
    if len(data) > MAX_NOTEBOOK_BYTES:
        raise _bad(message("notebook_too_large", size=len(data), limit=MAX_NOTEBOOK_BYTES))
    book = _parse(data)
    language = _language(book)
    if language not in _PYTHON:
        raise _bad(message("notebook_other_language", language=language[:40]))
    cells = [_text(cell) for cell in _cells(book) if cell.get("cell_type") == "code"]
    if not any(text.strip() for text in cells):
        raise _bad(message("notebook_without_code"))
    return "".join(
        f"{MARKER.format(number=number)}\n{text.rstrip()}\n\n" for number, text in enumerate(cells, 1)
    )


def locate(source: str, line: int | None, column: int | None = None) -> Location:
    """A line of the whole source as the reader finds it: in a notebook, the cell and the line within it."""
    cell, start = None, 0
    for number, text in enumerate(source.split("\n")[:line] if line else (), 1):
        # Cells are counted one by one: whatever else looks like a mark is a student's own line.
        if text == MARKER.format(number=(cell or 0) + 1):
            cell, start = (cell or 0) + 1, number
    return Location(line and max(1, line - start), column, cell)


def in_words(at: Location) -> Message:
    """A place with a line as a reader finds it, in words: in a notebook by its cell."""
    if at.cell is None:
        return message("at_line", line=at.line)
    return message("at_cell_line", cell=at.cell, line=at.line)


def _parse(data: bytes) -> Mapping[str, Any]:
    try:
        book = read_cells(data)
    except Sprawling:
        raise _bad(message("notebook_sprawls")) from None
    except (ValueError, RecursionError):
        raise _bad(message("notebook_unreadable")) from None
    if not isinstance(book, dict):
        raise _bad(message("notebook_unreadable"))
    return book


def _language(book: Mapping[str, Any]) -> str:
    """What the kernel speaks; a notebook that does not say so is taken for Python."""
    metadata = _mapping(book.get("metadata"))
    kernel, info = _mapping(metadata.get("kernelspec")), _mapping(metadata.get("language_info"))
    return str(info.get("name") or kernel.get("language") or "python").lower()


def _cells(book: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Format 4 has a list of cells; format 3 has worksheets that have them."""
    for sheet in (book, *_sequence(book.get("worksheets"))):
        yield from (cell for cell in _sequence(_mapping(sheet).get("cells")) if isinstance(cell, dict))


def _text(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    text = source if isinstance(source, str) else "".join(map(str, _sequence(source)))
    # JSON can spell half of a pair of surrogates, which no encoding can.
    text = text.encode("utf-8", "replace").decode()
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _sequence(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _bad(text: Message) -> StudentError:
    return StudentError(Reason.BAD_UPLOAD, text)
