"""Which of several that are alike: “the second Dense(10)”."""

from __future__ import annotations

from grader.domain.message import Message, message

_ORDINALS = 20
"""As many have a word of their own; nobody counts further."""


def ordinal(number: int, of: int) -> Message | None:
    """The word for the `number`-th `of` so many, counted from 1; None for the only one, and beyond what has a word."""
    return message(f"ordinal_{number}") if of > 1 and number <= _ORDINALS else None


def the_nth(notation: str, nth: Message | None) -> str | Message:
    """A layer by how it is written and which of several it is."""
    return notation if nth is None else message("the_nth", nth=nth, layer=notation)
