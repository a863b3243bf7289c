"""How a check says no."""

from __future__ import annotations

from grader.domain.message import Message
from grader.domain.report import DiffLine


class CheckFailed(Exception):
    """The submission is not what was asked for; the parts are what a student needs to mend it."""

    def __init__(
        self,
        told: Message,
        *,
        expected: str | Message | None = None,
        actual: str | Message | None = None,
        hint: Message | None = None,
        diff: tuple[DiffLine, ...] | None = None,
    ) -> None:
        super().__init__(told.code)
        self.message = told
        self.expected = expected
        self.actual = actual
        self.hint = hint
        self.diff = diff
