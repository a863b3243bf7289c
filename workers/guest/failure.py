"""A statement that stopped, and where."""

from __future__ import annotations

from dataclasses import dataclass

from .refusal import NoModel


@dataclass(frozen=True, eq=False)
class Failure:
    """`cell` is None in a script, `line` one of the whole source.

    `cause` is the statement that stopped before and would have made this one go on.
    """

    cell: int | None
    line: int
    mistake: NoModel
    cause: Failure | None = None

    @property
    def first(self) -> Failure:
        """The first cause of all."""
        return self.cause.first if self.cause else self
