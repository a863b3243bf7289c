"""Text for tables that people open in a spreadsheet."""

from __future__ import annotations

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP ASVS 1.2.10)."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
