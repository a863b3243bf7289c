"""How long a grading will take, as a person reads it."""

from __future__ import annotations

from grader.db.lanes import Outlook
from grader.web.words import _, ngettext

MINUTE = 60


def in_words(outlook: Outlook) -> str:
    """What a student reads while waiting."""
    place, time = outlook.position, None if outlook.seconds is None else duration(outlook.seconds)
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
