"""Changing libraries that are loaded, and changing them back."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_ABSENT = object()


class Patches:
    """Attributes that were set on classes and modules, in order; `undo` restores what was there before."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], object]] = []

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Set an attribute of a module or a class; what an ancestor defines stays untouched."""
        before = vars(owner).get(name, _ABSENT)
        if before is _ABSENT:
            self._undo.append(functools.partial(delattr, owner, name))
        else:
            self._undo.append(functools.partial(setattr, owner, name, before))
        setattr(owner, name, value)

    def remove(self, owner: Any, name: str) -> None:
        """Take an attribute away, if it is there."""
        if name in vars(owner):
            self._undo.append(functools.partial(setattr, owner, name, vars(owner)[name]))
            delattr(owner, name)

    def offer(self, owner: Any, name: str, value: Any) -> None:
        """Set an attribute unless there is one of that name."""
        if not hasattr(owner, name):
            self.set(owner, name, value)

    def around(self, owner: Any, name: str, wrapper: Callable[..., Any]) -> None:
        """Put `wrapper(inner, *arguments)` around a function or a method of `owner`."""
        inner = getattr(owner, name)

        @functools.wraps(inner)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            return wrapper(inner, *args, **kwargs)

        if name == "__init__":
            wrapped.__signature__ = inspect.signature(inner)  # type: ignore[attr-defined]  # Keras reads it from here
        self.set(owner, name, staticmethod(wrapped) if name == "__new__" else wrapped)

    def on_undo(self, action: Callable[[], object]) -> None:
        """Have `action` called, in its turn, when everything is put back."""
        self._undo.append(action)

    def undo(self) -> None:
        """Put everything back, the last change first; what somebody has taken away meanwhile stays away."""
        while self._undo:
            with suppress(Exception):
                self._undo.pop()()
