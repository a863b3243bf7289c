from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from grader.services.ports import Sign

MINUTE = timedelta(minutes=1)


def told(school: Any, now: datetime, **digests: str) -> None:
    for worker, digest in digests.items():
        school.parts.canaries.seen(worker, digest, f"library of {worker}", now)


def test_workers_that_agree_are_no_news(school: Any, now: datetime) -> None:
    told(school, now, one="a", two="a")
    assert school.parts.canaries.disagreeing(now) == []


def test_workers_that_disagree_are_all_named(school: Any, now: datetime) -> None:
    told(school, now, one="a", two="b", three="a")
    found = school.parts.canaries.disagreeing(now)
    assert [(one.worker, one.digest, one.about) for one in found] == [
        ("one", "a", "library of one"), ("three", "a", "library of three"), ("two", "b", "library of two"),
    ]  # fmt: skip


def test_a_worker_that_is_gone_does_not_count(school: Any, now: datetime) -> None:
    told(school, now, one="a")
    told(school, now + MINUTE, two="b")
    assert school.parts.canaries.disagreeing(now + MINUTE) == []
    school.parts.workers.seen(Sign("one", "grading", False), now + MINUTE)
    assert len(school.parts.canaries.disagreeing(now + MINUTE)) == 2


def test_a_worker_that_never_told_is_no_news(school: Any, now: datetime) -> None:
    school.parts.workers.seen(Sign("silent", "grading", False), now)
    told(school, now, one="a")
    assert school.parts.canaries.disagreeing(now) == []


def test_long_words_are_cut(school: Any, now: datetime) -> None:
    told(school, now, one="a" * 5000, two="b")
    assert all(len(one.digest) <= 200 for one in school.parts.canaries.disagreeing(now))
