"""Words for a console that may have no letters for them: cp1252, cp437, ASCII, whatever a redirect on Windows is."""

from __future__ import annotations

import codecs
import json
import sys
from typing import TextIO

HANDLER = "grader.likeness"
_LIKE = str.maketrans(
    {
        "✓": "+", "✗": "x", "–": "-", "—": "-", "−": "-", "…": "...", "·": "*", "•": "*", "“": '"', "”": '"', "‘": "'",
        "’": "'", "→": "->", "×": "x", "≥": ">=", "≤": "<=", "│": "|", "┃": "|", "─": "-", "━": "-", "◆": "*",
    }
)  # fmt: skip


def take_what_comes() -> None:
    """From here on no character ends the program: what a stream cannot show is replaced by what looks like it, or `?`."""
    codecs.register_error(HANDLER, _likeness)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=HANDLER)


def shown_on(stream: TextIO, text: str) -> str:
    """A text in letters that the stream has, for who must not change somebody else's stream."""
    codecs.register_error(HANDLER, _likeness)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, HANDLER).decode(encoding)


def echo_json(text: str) -> None:
    """JSON on standard output; escaped, and so the same object, where the stream has no letters for it."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(json.loads(text))
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _likeness(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_LIKE)
    return text.encode("ascii", "replace").decode("ascii"), error.end
