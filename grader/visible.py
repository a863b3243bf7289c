"""Text of strangers made harmless to look at: nothing in it moves a cursor, turns a line round or hides a letter."""

from __future__ import annotations

import re

_TRICKS = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 and C1 controls: bells, escapes of terminals, NUL
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks, embeddings, overrides and isolates of direction
    "\u200b\u2028\u2029\u2060-\u2065\ufeff\ufff9-\ufffb"  # what has no width, and other line ends
    "\ud800-\udfff"  # halves of surrogate pairs, which no encoding takes
    "\U000e0000-\U000e007f"  # tags: letters that nobody sees
    "]|\r(?!\n)"
)
_PICTURES, _DELETE = 0x2400, 0x7F


def visible(text: str) -> str:
    """The same text with a picture such as ␛ for each control character, and � for what else plays tricks."""
    return _TRICKS.sub(_picture, text)


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < ord(" "):
        return chr(_PICTURES + code)
    return "␡" if code == _DELETE else "\ufffd"
