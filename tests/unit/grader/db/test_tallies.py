from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

from grader.db.tallies import window_start

Parts = Any
MINUTE = timedelta(minutes=1)


def test_a_window_counts_and_the_next_begins_anew(parts: Parts, now: datetime) -> None:
    tallies = parts.tallies
    assert [tallies.add("a", now, MINUTE) for _ in range(3)] == [1, 2, 3]
    assert tallies.add("b", now, MINUTE) == 1
    assert tallies.add("a", now + MINUTE, MINUTE) == 1
    assert tallies.total("a") == 4
    assert tallies.total("%") == 0


def test_nothing_is_lost_among_threads(parts: Parts, now: datetime) -> None:
    threads = [
        threading.Thread(target=lambda: [parts.tallies.add("a", now, MINUTE) for _ in range(10)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert parts.tallies.total("a") == 40


def test_windows_that_are_over_are_forgotten(parts: Parts, now: datetime) -> None:
    parts.tallies.add("short", now, MINUTE)
    parts.tallies.add("kept", now, MINUTE, keep=timedelta(days=1))
    parts.retention.prune(now + 2 * MINUTE)
    assert (parts.tallies.total("short"), parts.tallies.total("kept")) == (0, 1)


def test_windows_begin_at_multiples_of_their_length(now: datetime) -> None:
    assert window_start(now + timedelta(seconds=59), MINUTE) == now
    assert window_start(now + MINUTE, MINUTE) == now + MINUTE
