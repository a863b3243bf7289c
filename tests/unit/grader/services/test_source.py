from __future__ import annotations

import pytest

from grader.domain.errors import Reason, StudentError
from grader.services.source import MAX_CODE_BYTES, read_source


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
        ("x = 1".encode("utf-32"), "", "not_utf8"),
        (b"x" * (MAX_CODE_BYTES + 1), "", "too_large"),
        (b"%PDF-1.7 ...", "", "looks_binary"),
        (b"PK\x03\x04...", "model.keras", "looks_binary"),
        (b"\x89HDF\r\n\x1a\n...", "", "looks_binary"),
        (b"\xcb\r\r\n\0\0\0\0", "", "looks_binary"),
        (b"anything", "a.pyc", "looks_binary"),
        (b"x = '\0'", "", "contains_nul"),
    ],
)
def test_other_bytes_are_refused_with_a_word_about_why(data: bytes, name: str, code: str) -> None:
    with pytest.raises(StudentError) as caught:
        read_source(data, name)
    assert (caught.value.reason, caught.value.messages[0].code) == (Reason.BAD_UPLOAD, code)
