"""Grade a final submission again; the old report is kept, and the change is written down.

It waits until its lane has room: one worker is kept for new submissions (see `Dispatcher.admit`).
"""

from __future__ import annotations

from datetime import datetime

from grader.services.dispatch import Dispatcher


def regrade(submission: str, by: str, reason: str, dispatcher: Dispatcher, now: datetime) -> bool:
    """Reopen and dispatch; False where the submission is unknown or being graded already."""
    if not dispatcher.store.reopen(submission, by, reason, now):
        return False
    dispatcher.admit(now)
    return True
