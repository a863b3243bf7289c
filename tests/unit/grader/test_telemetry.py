from __future__ import annotations

import logging
import sys

from grader.telemetry import OneLine


def record(text: str, error: bool = False) -> logging.LogRecord:
    info = None
    if error:
        try:
            1 / 0  # noqa: B018
        except ZeroDivisionError:
            info = sys.exc_info()
    return logging.LogRecord("x", logging.INFO, "f", 1, text, (), info)


def test_a_message_cannot_fake_a_line() -> None:
    assert OneLine("%(message)s").format(record("a\n2026 ERROR fake")) == "a\\n2026 ERROR fake"


def test_a_message_moves_no_cursor_and_turns_no_line_round() -> None:
    assert OneLine("%(message)s").format(record("a\x1b[2J\u202eb\x07")) == "a␛[2J\ufffdb␇"


def test_a_traceback_keeps_its_lines() -> None:
    lines = OneLine("%(message)s").format(record("a", error=True)).splitlines()
    assert lines[0] == "a"
    assert len(lines) > 2
    assert all(line.startswith("    ") for line in lines[1:])
