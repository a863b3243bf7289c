"""Grade a final submission again; the old report is kept, and the change is written down.

It waits until its lane has room: one worker is kept for new submissions (see `Dispatcher.admit`).
"""

from __future__ import annotations

from datetime import datetime

from grader.services.dispatch import Dispatcher


def regrade(submission: str, by: str, reason: str, dispatcher: Dispatcher, now: datetime) -> bool:
    """Reopen and dispatch, by the newest version of the assignment; False where it is unknown, erased or being graded already."""
    found = dispatcher.store.get(submission)
    if found is None:
        return False
    newest = dispatcher.shelf.assignments.get(found.assignment)
    version = found.assignment_version if newest is None else newest.version
    if not dispatcher.store.reopen(submission, by, reason, version, now):
        return False
    dispatcher.admit(now)
    return True
