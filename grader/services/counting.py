"""Which attempt counts for the grade."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from grader.domain.course import CountingRule
from grader.domain.errors import Reason
from grader.domain.report import Verdict


@dataclass(frozen=True)
class Try:
    """What counting needs to know of one submission.

    Of one that came from an LMS, `series` is the LMS's own submission, `number` its attempt there where the LMS counts them
    (0 where it does not), and `handed_in_at` is when it says that it took it.
    """

    submission: str
    received_at: datetime
    verdict: Verdict | None
    reason: Reason | None
    score: float | None
    series: str = ""
    number: int = 0
    handed_in_at: datetime | None = None

    @property
    def moment(self) -> tuple[datetime, datetime, str]:
        """When it was handed in, as it can be compared; nobody hands in after it came here, whatever a clock says."""
        said = self.handed_in_at or self.received_at
        return min(said, self.received_at), self.received_at, self.submission


def counting(tries: Iterable[Try], rule: CountingRule) -> Try | None:
    """The try that makes the grade; our faults and bytes that were no source never lower it."""
    real = [one for one in tries if one.score is not None and one.reason is not Reason.BAD_UPLOAD]
    if not real:
        return None
    if rule is CountingRule.LAST:
        return _last(real)
    return max(real, key=lambda one: (one.score or 0.0, one.received_at, one.submission))


def _last(tries: Iterable[Try]) -> Try:
    """The last of each series, and of those the one that was handed in last: messages of an LMS overtake each other."""
    series: dict[str, list[Try]] = {}
    for one in tries:
        series.setdefault(one.series or one.submission, []).append(one)
    return max((_last_of_series(each) for each in series.values()), key=lambda one: one.moment)


def _last_of_series(tries: list[Try]) -> Try:
    """By number where the LMS has numbered all of them, else by the moment that it says."""
    numbered = all(one.number for one in tries)
    return max(tries, key=lambda one: (one.number if numbered else 0, one.moment))
