"""What an LMS tells us in `submission.created`, read field by field; whatever is odd is refused by its name."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

LONGEST_ID = 200
LONGEST_NAME = 200
MOST_ATTEMPTS = 1_000_000
CODE_FIELD = "data.code"
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
CLOCKS_APART = timedelta(days=1)
"""How far ahead of ours the clock of an LMS may be."""


class FieldError(ValueError):
    """A field that is missing or of the wrong kind; `field` is its path, such as `data.user.id`."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail


@dataclass(frozen=True)
class Created:
    """One `submission.created`; ids are the LMS's own, as text. `attempt` is None where it was left out."""

    platform: str
    course: str
    assignment: str
    submission: str
    attempt: int | None
    user: str
    sis_id: str
    user_name: str
    submitted_at: datetime
    file_name: str
    data: bytes
    content_field: str

    @property
    def is_text(self) -> bool:
        """Whether the code came as text in the event, and not as the bytes of a file."""
        return self.content_field == CODE_FIELD

    def external(self, source: str, attempt: int) -> dict[str, str]:
        """What is kept with our submission, so that grades go back under the LMS's own ids."""
        known = {
            "source": source,
            "platform": self.platform,
            "course_id": self.course,
            "assignment_id": self.assignment,
            "submission_id": self.submission,
            "attempt": str(attempt),
            "numbered_by": "" if self.attempt is not None else "grader",
            "user_id": self.user,
            "sis_id": self.sis_id,
            "submitted_at": self.submitted_at.isoformat(),
        }
        return {name: text for name, text in known.items() if text}


def read_event(body: bytes) -> tuple[str, Mapping[str, Any]]:
    """The type of an event and the whole of it; FieldError where the body is no event."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise FieldError("body", "must be JSON in UTF-8") from None
    if not isinstance(event, dict):
        raise FieldError("body", "must be a JSON object")
    _moment(event, "timestamp", "timestamp")
    return _text(event, "type", "type", 64), event


def read_created(event: Mapping[str, Any], now: datetime) -> Created:
    """The submission in an event that came at that moment; FieldError names what is wrong."""
    data = _object(event, "data", "data")
    user = _object(data, "user", "data.user")
    submission = _text(data, "submission_id", "data.submission_id")
    file_name, code = _code(data)
    return Created(
        platform=_optional(data, "platform", "data.platform"),
        course=_optional(data, "course_id", "data.course_id"),
        assignment=_text(data, "assignment_id", "data.assignment_id"),
        submission=submission,
        attempt=_attempt(data),
        user=_text(user, "id", "data.user.id"),
        sis_id=_optional(user, "sis_id", "data.user.sis_id"),
        user_name=_name(user),
        submitted_at=_likely(_moment(data, "submitted_at", "data.submitted_at"), "data.submitted_at", now),
        file_name=file_name,
        data=code,
        content_field="data.files" if data.get("code") is None else CODE_FIELD,
    )


def _object(mapping: Mapping[str, Any], name: str, path: str) -> Mapping[str, Any]:
    value = mapping.get(name)
    if not isinstance(value, dict):
        raise FieldError(path, "must be an object")
    return value


def _text(mapping: Mapping[str, Any], name: str, path: str, longest: int = LONGEST_ID) -> str:
    """An id: text without the spaces around it, or an integer, which becomes text."""
    value = mapping.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**longest:
        return str(value)
    if not isinstance(value, str) or not value.strip():
        raise FieldError(path, "must be a text or an integer, and not empty")
    if len(value) > longest or not value.isprintable():
        raise FieldError(path, f"must be printable and have at most {longest} characters")
    return value.strip()


def _optional(mapping: Mapping[str, Any], name: str, path: str) -> str:
    return "" if mapping.get(name) in (None, "") else _text(mapping, name, path)


def _name(user: Mapping[str, Any]) -> str:
    value = user.get("name")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise FieldError("data.user.name", "must be a text")
    printable = "".join(letter if letter.isprintable() else " " for letter in value[: 4 * LONGEST_NAME])
    return " ".join(printable.split())[:LONGEST_NAME]


def _attempt(data: Mapping[str, Any]) -> int | None:
    value = data.get("attempt")
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_ATTEMPTS:
        raise FieldError("data.attempt", "must be an integer from 1")
    return value


def _moment(mapping: Mapping[str, Any], name: str, path: str) -> datetime:
    value = mapping.get(name)
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise FieldError(path, "must be a time with its zone, such as 2026-11-20T20:35:00Z")
    return moment


def _likely(moment: datetime, path: str, now: datetime) -> datetime:
    if not EARLIEST <= moment <= now + CLOCKS_APART:
        raise FieldError(
            path, f"must be between {EARLIEST:%Y} and now; the clock here says {now:%Y-%m-%dT%H:%M:%SZ}"
        )
    return moment


def _code(data: Mapping[str, Any]) -> tuple[str, bytes]:
    """The file's name and its bytes, from `code` or from the one file in `files`."""
    code, files = data.get("code"), data.get("files")
    if (code is None) == (files is None):
        raise FieldError("data.code", "give either code or files")
    if code is not None:
        return "submission.py", _encoded(code)
    if not isinstance(files, list) or len(files) != 1 or not isinstance(files[0], dict):
        raise FieldError("data.files", "must be a list with exactly one file")
    return _file(files[0])


def _file(file: Mapping[str, Any]) -> tuple[str, bytes]:
    name = _text(file, "name", "data.files[0].name")
    content = file.get("content_base64")
    if content is None and "url" in file:
        raise FieldError("data.files[0].url", "files are not fetched; send content_base64")
    if not isinstance(content, str):
        raise FieldError("data.files[0].content_base64", "must be a text")
    try:
        return name, base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise FieldError("data.files[0].content_base64", "must be base64") from None


def _encoded(code: Any) -> bytes:
    if not isinstance(code, str):
        raise FieldError("data.code", "must be a text")
    try:
        return code.encode()
    except UnicodeEncodeError:
        raise FieldError("data.code", "has half of a surrogate pair") from None
