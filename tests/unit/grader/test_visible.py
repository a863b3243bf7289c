from __future__ import annotations

import pytest

from grader.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m\x07", "␛[31mred␛[0m␇"),
        ("\x9b31m\x7f", "\ufffd31m␡"),
        ("abc\u202etxt.py", "abc\ufffdtxt.py"),
        ("\u2066x\u2069\u200f", "\ufffdx\ufffd\ufffd"),
        ("a\u2028b\ufeffc\u200bd", "a\ufffdb\ufffdc\ufffdd"),
        ("\ud800", "\ufffd"),
        ("overwritten\rnew", "overwritten␍new"),
        ("\U000e0041", "\ufffd"),
    ],
)
def test_tricks_are_seen(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize("text", ["", "a\tb\r\nc\n", "Zoë 李 עברית العربية", "👩‍💻", "<b>&amp;"])
def test_words_of_any_language_stay(text: str) -> None:
    assert visible(text) == text
