from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from grader.domain.errors import Reason, StudentError
from grader.domain.report import Verdict
from grader.domain.submission import State
from grader.messages import render_report
from grader.services.submit import MAX_CODE_BYTES, UnknownAssignment, read_source

School = Any


@pytest.mark.parametrize(
    ("data", "source"),
    [
        (b"x = 1\n", "x = 1\n"),
        (b"\xef\xbb\xbfx = 1\r\ny = 2\r", "x = 1\ny = 2\n"),
        ("π = 3  # 中\n".encode(), "π = 3  # 中\n"),
        (b"x" * MAX_CODE_BYTES, "x" * MAX_CODE_BYTES),
        (b'{"a": 1}', '{"a": 1}'),
    ],
)
def test_text_becomes_source(data: bytes, source: str) -> None:
    assert read_source(data) == source


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "", "empty_file"),
        (b" \n\t ", "", "empty_file"),
        (b"\xef\xbb\xbf\n", "", "empty_file"),
        (b"x = '\xe9'", "", "not_utf8"),
        ("x = 1".encode("utf-16"), "", "not_utf8"),
        (b"x" * (MAX_CODE_BYTES + 1), "", "too_large"),
        (b"%PDF-1.7 ...", "", "looks_binary"),
        (b"PK\x03\x04...", "model.keras", "looks_binary"),
        (b"\x89HDF\r\n\x1a\n...", "", "looks_binary"),
        (b"\xcb\r\r\n\0\0\0\0", "", "looks_binary"),
        (b"anything", "a.pyc", "looks_binary"),
        (b"x = '\0'", "", "contains_nul"),
        (b'{\n "cells": []}', "", "notebook_not_supported"),
        (b"{}", "homework.ipynb", "notebook_not_supported"),
    ],
)
def test_other_bytes_are_refused_with_a_word_about_why(data: bytes, name: str, code: str) -> None:
    with pytest.raises(StudentError) as caught:
        read_source(data, name)
    assert (caught.value.reason, caught.value.messages[0].code) == (Reason.BAD_UPLOAD, code)


def test_refused_bytes_are_saved_with_a_report_and_never_queued(school: School, parts: Any) -> None:
    saved = school.hand_in(data=b"%PDF-1.4")
    assert (saved.state, saved.verdict, saved.score, saved.max_score) == (
        State.DONE,
        Verdict.INVALID,
        0.0,
        10.0,
    )
    public = render_report(parts.store.latest_report(saved.id))
    assert public["reason"] == "bad_upload"
    assert "PDF" in public["feedback"]
    assert (
        list(
            (parts.settings.data_dir / "queue" / "messages").glob("*")
            if (parts.settings.data_dir / "queue").exists()
            else []
        )
        == []
    )


def test_an_upload_is_queued_after_it_was_saved(school: School, parts: Any, now: datetime) -> None:
    saved = school.hand_in()
    assert (saved.state, saved.attempt, saved.dispatched_at) == (State.QUEUED, 1, now)
    assert len(list((parts.settings.data_dir / "queue" / "messages").glob("*.grading.msg"))) == 1


def test_an_unknown_assignment_is_no_submission(school: School, parts: Any) -> None:
    with pytest.raises(UnknownAssignment):
        school.hand_in(assignment="nonsense")
    assert parts.store.unfinished() == []
