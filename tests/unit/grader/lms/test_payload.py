from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from grader.lms.payload import FieldError, read_created, read_event

DATA: dict[str, Any] = {
    "platform": "campus",
    "course_id": 7,
    "assignment_id": "48151",
    "submission_id": 99,
    "attempt": 2,
    "user": {"id": "u-1", "sis_id": "S1", "email": "a@example.edu", "name": "Ada\n  Lovelace"},
    "submitted_at": "2026-11-20T20:35:00Z",
    "code": "x = 1\n",
}
NOW = datetime(2026, 11, 20, 21, tzinfo=UTC)
EVENT: dict[str, Any] = {"type": "submission.created", "timestamp": "2026-11-20T20:35:01Z", "data": DATA}


def event_with(path: str, value: Any) -> dict[str, Any]:
    """The event with one field changed; `...` takes it away."""
    event = json.loads(json.dumps(EVENT))
    *parents, last = path.split(".")
    inner = event
    for parent in parents:
        inner = inner[parent]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return dict(event)


def test_everything_is_read() -> None:
    kind, event = read_event(json.dumps(EVENT).encode())
    created = read_created(event, NOW)
    assert kind == "submission.created"
    assert (created.submission, created.attempt, created.user_name, created.data) == (
        "99", 2, "Ada Lovelace", b"x = 1\n",
    )  # fmt: skip
    assert created.external("lms", 2) == {
        "source": "lms", "platform": "campus", "course_id": "7", "assignment_id": "48151", "submission_id": "99",
        "attempt": "2", "user_id": "u-1", "sis_id": "S1", "submitted_at": "2026-11-20T20:35:00+00:00",
    }  # fmt: skip


def test_a_file_instead_of_code() -> None:
    file = {"name": "mine.py", "content_base64": base64.b64encode(b"\xff\x00").decode()}
    event = event_with("data.code", ...)
    event["data"]["files"] = [file]
    created = read_created(event, NOW)
    assert (created.file_name, created.data) == ("mine.py", b"\xff\x00")


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("data", ..., "data"),
        ("data", [], "data"),
        ("data.user", "ada", "data.user"),
        ("data.user.id", ..., "data.user.id"),
        ("data.user.id", "", "data.user.id"),
        ("data.user.id", "a\0b", "data.user.id"),
        ("data.user.id", "\ud800", "data.user.id"),
        ("data.user.id", "x" * 201, "data.user.id"),
        ("data.user.name", 5, "data.user.name"),
        ("data.assignment_id", None, "data.assignment_id"),
        ("data.assignment_id", True, "data.assignment_id"),
        ("data.submission_id", 1.5, "data.submission_id"),
        ("data.attempt", 0, "data.attempt"),
        ("data.attempt", "1", "data.attempt"),
        ("data.attempt", 10**9, "data.attempt"),
        ("data.submitted_at", "yesterday", "data.submitted_at"),
        ("data.submitted_at", "2026-11-20T20:35:00", "data.submitted_at"),
        ("data.submitted_at", "0001-01-01T00:00:00+14:00", "data.submitted_at"),
        ("data.submitted_at", "9999-12-31T23:59:59-12:00", "data.submitted_at"),
        ("data.submitted_at", (NOW + timedelta(days=1, seconds=1)).isoformat(), "data.submitted_at"),
        ("data.platform", {}, "data.platform"),
        ("data.code", ..., "data.code"),
        ("data.code", 5, "data.code"),
        ("data.code", "\ud800", "data.code"),
    ],
)
def test_a_bad_field_is_named(path: str, value: Any, field: str) -> None:
    with pytest.raises(FieldError) as caught:
        read_created(event_with(path, value), NOW)
    assert caught.value.field == field


@pytest.mark.parametrize(("path", "value"), [("data.attempt", ...), ("data.attempt", None)])
def test_an_attempt_may_be_left_out(path: str, value: Any) -> None:
    assert read_created(event_with(path, value), NOW).attempt is None


def test_a_clock_that_is_a_little_ahead_is_believed() -> None:
    ahead = NOW + timedelta(hours=23)
    assert read_created(event_with("data.submitted_at", ahead.isoformat()), NOW).submitted_at == ahead


@pytest.mark.parametrize("field", ["submission_id", "assignment_id", "user.id", "platform"])
def test_spaces_around_an_id_are_no_part_of_it(field: str) -> None:
    plain, spaced = (read_created(event_with(f"data.{field}", text), NOW) for text in ("x", "  x "))
    assert plain == spaced


@pytest.mark.parametrize(
    ("files", "field"),
    [
        ([], "data.files"),
        ("x", "data.files"),
        ([{}, {}], "data.files"),
        ([{"name": "a.py", "url": "https://lms.example.edu/a.py"}], "data.files[0].url"),
        ([{"name": "a.py"}], "data.files[0].content_base64"),
        ([{"name": "a.py", "content_base64": "*"}], "data.files[0].content_base64"),
        ([{"content_base64": ""}], "data.files[0].name"),
    ],
)
def test_a_bad_file_is_named(files: Any, field: str) -> None:
    event = event_with("data.code", ...)
    event["data"]["files"] = files
    with pytest.raises(FieldError) as caught:
        read_created(event, NOW)
    assert caught.value.field == field


def test_code_and_files_together_are_refused() -> None:
    with pytest.raises(FieldError, match="either"):
        read_created(event_with("data.files", []), NOW)


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"[]", b"5", b"null", b"{", b"[" * 100_000, b'{"type": 5}', b'{"a":' + b"9" * 5000 + b"}"],
)
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(FieldError):
        read_event(body)
