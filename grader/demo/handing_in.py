"""The student's part: hand everything in, wait for every report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from grader.cli import session as server
from grader.demo.course import COURSE
from grader.demo.tries import Try

POLL_SECONDS = 0.5
LOOK_AHEAD = 16
"""So many that are not done yet are asked about in a row: several workers and lanes overtake each other."""


def hand_in(session: server.Session, tries: Iterable[Try], meanwhile: Callable[[], None]) -> None:
    """Submit every file as the student, as an upload through the API."""
    for each in tries:
        each.id = server.hand_in(session, each.slug, each.path.name, each.path.read_bytes(), COURSE)["id"]
        meanwhile()


def await_reports(session: server.Session, tries: list[Try], tell: Callable[[str], None]) -> None:
    """Get every report, and `tell` what is being graded until all are there."""
    while waiting := [each for each in tries if each.report is None]:
        tell(_look(session, waiting))
        time.sleep(POLL_SECONDS)


def _look(session: server.Session, waiting: list[Try]) -> str:
    """Fetch the reports that are there; what is being graded at the moment."""
    graded, unfinished = [], 0
    for each in waiting:
        found = server.call(session, "GET", f"/submissions/{each.id}")
        if found["state"] == "done":
            each.report = found["report"]
            continue
        if found["state"] == "running":
            graded.append(f"{found['stage']}: {each.name}")
        unfinished += 1
        if unfinished == LOOK_AHEAD:
            break
    return ", ".join(graded)
