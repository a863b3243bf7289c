"""How long a grading will take, or since when none is done, as a person reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from grader.db.lanes import Outlook
from grader.domain.message import message
from grader.domain.submission import State
from grader.messages import render
from grader.services.ports import Submission
from grader.web.current import language
from grader.web.words import _, ngettext
from grader.wiring import Wiring

MINUTE = 60


def outlook(submission: Submission, parts: Wiring, now: datetime) -> Outlook:
    """Place in line and seconds until the report; where the lane does not drain, since when instead of the seconds."""
    if submission.waits_for is not None:
        return Outlook(waits_for=submission.waits_for)
    told = parts.lanes.outlook(submission, now, parts.patience)
    if submission.state is State.DONE or _is_alive(submission, now):
        return told
    since = parts.flow.stopped_since(submission.lane, now, parts.patience)
    return told if since is None else replace(told, seconds=None, stopped_since=since)


def in_words(told: Outlook) -> str:
    """What a student reads while waiting."""
    if told.waits_for is not None:
        return render(message(f"waits_for_{told.waits_for}"), language())
    place, time = told.position, None if told.seconds is None else duration(told.seconds)
    if told.stopped_since is not None:
        since = told.stopped_since.strftime("%Y-%m-%d %H:%M UTC")
        return _(
            "Grading has stopped since {time}. Your submission is kept, and graded as soon as it goes on.",
            time=since,
        )
    if place is None:
        return "" if time is None else _("Your report should be here in about {time}.", time=time)
    if time is None:
        return _("Place {place} in line.", place=place)
    return _("Place {place} in line. Your report should be here in about {time}.", place=place, time=time)


def duration(seconds: int) -> str:
    """Seconds below a minute, else whole minutes."""
    if seconds < MINUTE:
        return ngettext("{count} second", "{count} seconds", seconds)
    return ngettext("{count} minute", "{count} minutes", round(seconds / MINUTE))


def _is_alive(submission: Submission, now: datetime) -> bool:
    """Whether a worker has it in hand and gives signs of life."""
    lease = submission.lease_until
    return submission.state is State.RUNNING and lease is not None and lease > now
