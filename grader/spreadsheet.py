"""Text for tables that people open in a spreadsheet."""

from __future__ import annotations

from grader.visible import visible

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP ASVS 1.2.10)."""
    shown = visible(text)
    first = shown.lstrip(" \u00a0\u3000\ufffd")  # what a spreadsheet may drop before it looks
    return f"'{shown}" if text.startswith(FORMULA_STARTS) or first.startswith(FORMULA_STARTS) else shown
