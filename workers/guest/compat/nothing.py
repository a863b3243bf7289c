"""A thing that does nothing, whatever is done with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self


class Nothing:
    """Whatever is done to it, it is itself: called, indexed, entered, read from."""

    def __call__(self, *_: Any, **__: Any) -> Self:
        """Itself."""
        return self

    def __getattr__(self, name: str) -> Self:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, _: Any) -> Self:
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __repr__(self) -> str:
        return ""


NOTHING = Nothing()
