"""What is written today in the place of an old spelling: code as the guest says it, and what is no code as a phrase.

The guest has no languages (`workers/guest/compat`). Its English is looked up in `grader.phrases`, where every language has it.
"""

from __future__ import annotations

import re

from grader.domain.message import Param, message
from grader.phrases import PHRASES

_PHRASES = {english: code for code, english in PHRASES.items() if code.startswith("today_")}
_WITHOUT = re.compile(r"(?P<call>\S+\(\)) without (?P<name>\w+)")


def in_words(today: str) -> Param:
    """The phrase for a text of the guest's; the text itself where it is code, or nothing that we know."""
    without = _WITHOUT.fullmatch(today)
    if without is not None:
        return message("today_without", **without.groupdict())
    code = _PHRASES.get(today)
    return today if code is None else message(code)
