"""What of a submission stopped or was passed over on the way to what was graded, read as strangers' words: notes with places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from itertools import takewhile
from typing import Any

from grader.domain.description import clean
from grader.domain.message import Message, message
from grader.services.notebook import in_words, locate
from workers import telling
from workers.telling import MAX_LINE

CUT_OFF = "cut_off"
MAX_READ = 20
MAX_PLACES = 10
_MAX_TEXT = 160


def told(value: Any, source: str, limit: Message | None = None) -> list[Message]:
    """Notes about statements that stopped, about one that a `limit` cut off, about a name that moved on."""
    found = (_note(note, source, limit) for note in _read(value))
    return [note for note in found if note is not None]


def _read(value: Any) -> Iterator[Mapping[str, Any]]:
    notes = value[:MAX_READ] if isinstance(value, list) else []
    return (note for note in notes if isinstance(note, Mapping))


def _where(note: Mapping[str, Any]) -> tuple[Mapping[str, Any], Sequence[int]]:
    """What completes a note's sentence, and the lines that it is about."""
    params = note.get("params")
    params = params if isinstance(params, Mapping) else {}
    return params, _lines(params.get("lines"))


def _note(note: Mapping[str, Any], source: str, limit: Message | None) -> Message | None:
    params, lines = _where(note)
    if not lines:
        return None
    match note.get("code"):
        case "stopped":
            why = telling.told(note.get("error"), source).messages[0]
            return message("note_stopped", places=_places(source, lines, params.get("more")), why=why)
        case "cut_off" if limit is not None:
            return message("note_cut_off", place=_place(source, lines[0]), why=limit)
        case "name_moved_on":
            name = clean(str(params.get("name") or ""), _MAX_TEXT)
            return message("note_name_moved_on", name=name, place=_place(source, lines[0]))
    return None


def missed(value: Any, source: str, name: str) -> Message | None:
    """Where lines stopped that were to do something with the model called `name`: where, and why."""
    given = re.compile(rf"\(\s*{re.escape(name)}\s*[,)]")
    for note in _read(value):
        params, lines = _where(note)
        if note.get("code") == "stopped" and any(given.search(_statement(source, line)) for line in lines):
            first, *rest = telling.told(note.get("error"), source).messages
            why = message("why_and_what", why=first, what=rest[0]) if rest else first
            return message("hint_stopped", places=_places(source, lines, params.get("more")), why=why)
    return None


def _statement(source: str, line: int) -> str:
    """The lines of a statement at the top level: what is indented below its first one belongs to it."""
    first, *rest = source.split("\n")[line - 1 :] or [""]
    return "\n".join([first, *takewhile(lambda text: text.startswith((" ", "\t")), rest)])


def _lines(value: Any) -> Sequence[int]:
    words = value.split(", ")[:MAX_PLACES] if isinstance(value, str) and len(value) < _MAX_TEXT else []
    return [number for word in words if (number := _count(word))]


def _count(word: Any) -> int:
    """A number of lines or of a line; 0 for what is none."""
    is_one = isinstance(word, str) and word.isascii() and word.isdigit() and len(word) < len(str(MAX_LINE))
    return int(word) if is_one else 0


def _place(source: str, line: int) -> Message:
    return in_words(locate(source, line))


def _places(source: str, lines: Sequence[int], more: Any) -> Message:
    places = reduce(
        lambda first, second: message("listed", first=first, second=second),
        (_place(source, line) for line in dict.fromkeys(lines)),
    )
    count = _count(more)
    return message("and_more", places=places, count=count) if count else places
