from __future__ import annotations

import pytest
from flask import Flask

from grader.db.lanes import Outlook
from grader.web.waiting import duration, in_words


@pytest.mark.parametrize(
    ("told", "english", "chinese"),
    [
        (Outlook(), "", ""),
        (Outlook(2), "Place 2 in line.", "排在第 2 位。"),
        (
            Outlook(1, 1),
            "Place 1 in line. Your report should be here in about 1 second.",
            "排在第 1 位。报告大约 1 秒后出来。",
        ),
        (Outlook(None, 40), "Your report should be here in about 40 seconds.", "报告大约 40 秒后出来。"),
        (
            Outlook(30, 150),
            "Place 30 in line. Your report should be here in about 2 minutes.",
            "排在第 30 位。报告大约 2 分钟后出来。",
        ),
    ],
)
def test_words(app: Flask, told: Outlook, english: str, chinese: str) -> None:
    with app.test_request_context("/"):
        assert in_words(told) == english
    with app.test_request_context("/?lang=zh"):
        assert in_words(told) == chinese


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (120, "2 minutes")]
)
def test_durations(app: Flask, seconds: int, words: str) -> None:
    with app.test_request_context("/"):
        assert duration(seconds) == words
