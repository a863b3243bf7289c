"""What was written in an old spelling and what is written today; told once each, never counted against anybody."""

from __future__ import annotations

import reprlib
import sys
import types
from collections.abc import Callable
from typing import Any

MAX_NOTES = 40
_MAX_TEXT = 120


class Notes:
    """Notes in the order of their first occurrence; `hear` is told each new one."""

    def __init__(self, hear: Callable[[str, dict[str, str]], object] = lambda *_: None) -> None:
        self._hear = hear
        self._known: dict[tuple[str, ...], dict[str, Any]] = {}

    def add(self, code: str, **params: str) -> None:
        """Note one thing, unless it is known or there are very many already."""
        shown = {name: str(value)[:_MAX_TEXT] for name, value in params.items()}
        key = (code, *shown.values())
        if key in self._known or len(self._known) >= MAX_NOTES:
            return
        self._known[key] = {"code": code, "params": shown}
        self._hear(code, shown)

    def old(self, old: str, new: str) -> None:
        """Note an old spelling and today's."""
        self.add("old_spelling", old=old, new=new)

    def claim(self) -> list[dict[str, Any]]:
        """All notes as plain values."""
        return list(self._known.values())


def asked_by_a_library() -> bool:
    """Whether the code that reads an attribute, two calls above, is no student's: its spelling is nobody's here."""
    return "-packages" in sys._getframe(2).f_code.co_filename


class _Shown(reprlib.Repr):
    """A function or class by its name, whatever else there is by its type: an address is another one each time."""

    def repr_instance(self, value: Any, level: int) -> str:
        """What is neither a text, a whole number nor a collection."""
        if isinstance(value, bool | float | type(None)):
            return super().repr_instance(value, level)
        if isinstance(value, types.FunctionType | types.BuiltinFunctionType | type):
            return value.__name__
        return f"<{type(value).__name__}>"


shown: Callable[[object], str] = _Shown().repr
"""A value as a student wrote it, cut short."""
