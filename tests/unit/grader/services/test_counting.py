"""The last attempt, where an LMS has said in which order they were handed in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from grader.domain.course import CountingRule
from grader.domain.report import Verdict
from grader.services.counting import Try, counting

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def web(name: str, came: int) -> Try:
    return Try(name, NOON + timedelta(minutes=came), Verdict.FAILED, None, 1.0)


def lms(name: str, came: int, said: int, number: int = 0, series: str = "campus 99") -> Try:
    moment = NOON + timedelta(minutes=came)
    return Try(name, moment, Verdict.FAILED, None, 1.0, series, number, NOON + timedelta(minutes=said))


@pytest.mark.parametrize(
    ("tries", "last"),
    [
        # The second overtook the first on its way.
        ([lms("second", 10, 8, 2), lms("first", 11, 7, 1)], "second"),
        # A number counts more than a clock; without numbers the LMS's clock counts.
        ([lms("second", 10, 1, 2), lms("first", 11, 7, 1)], "second"),
        ([lms("second", 10, 8), lms("first", 11, 7)], "second"),
        ([lms("numbered", 10, 8, 2), lms("first", 11, 7)], "numbered"),
        # Of several submissions of the LMS, and of others, the one that was handed in last.
        ([lms("later", 10, 8, 1, "campus 100"), lms("earlier", 11, 7, 2)], "later"),
        ([web("web", 9), lms("earlier", 11, 7, 3)], "web"),
        ([web("web", 9), lms("later", 11, 10, 3)], "later"),
        # A clock that runs ahead does not put an attempt after those that came after it.
        ([lms("ahead", 8, 500, 1), web("web", 9)], "web"),
        # The same moment: by arrival.
        ([lms("a", 8, 7), lms("b", 9, 7)], "b"),
    ],
)
def test_the_last_is_the_last_that_was_handed_in(tries: list[Try], last: str) -> None:
    for order in (tries, tries[::-1]):
        found = counting(order, CountingRule.LAST)
        assert found is not None
        assert found.submission == last
