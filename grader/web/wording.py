"""Sentences that several pages share."""

from __future__ import annotations

from grader.db.causes import Misconception
from grader.messages import render


def cause_in_words(group: Misconception) -> str:
    """How the newest submission of a group was told what stopped it."""
    lines = [render(told) for told in group.example]
    return lines[-1] if lines else group.cause
