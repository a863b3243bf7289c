"""How long a grading will take, as a person reads it."""

from __future__ import annotations

from grader.db.lanes import Outlook
from grader.web.words import _, ngettext

MINUTE = 60


def in_words(outlook: Outlook) -> str:
    """What a student reads while waiting."""
    place = "" if outlook.position is None else _("Place {position} in line.", position=outlook.position)
    if outlook.seconds is None:
        return place
    soon = _("Your report should be here in about {time}.", time=duration(outlook.seconds))
    return f"{place} {soon}".strip()


def duration(seconds: int) -> str:
    """Seconds below a minute, else whole minutes."""
    if seconds < MINUTE:
        return ngettext("{count} second", "{count} seconds", seconds)
    return ngettext("{count} minute", "{count} minutes", round(seconds / MINUTE))
