"""Why a submission gave no model, as data: a code with scalar parameters that the host turns into words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LONGEST_TEXT = 500

Scalar = str | int | float | bool | None


def short(text: str, most: int = LONGEST_TEXT) -> str:
    """Cut a text, so that no student can make a message of megabytes."""
    return text if len(text) <= most else text[: most - 1] + "…"


class NoModel(Exception):
    """Ends a job with a reason of the report, a message code and its parameters."""

    def __init__(
        self,
        reason: str,
        code: str,
        params: Mapping[str, Scalar] | None = None,
        *,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(reason, code)
        self.reason = reason
        self.code = code
        self.line = line
        self.column = column
        given = (params or {}).items()
        self.params = {key: short(value) if isinstance(value, str) else value for key, value in given}

    def as_claim(self) -> dict[str, Any]:
        """The claim of a submission without a model."""
        location = None if self.line is None else {"line": self.line, "column": self.column}
        error = {"reason": self.reason, "code": self.code, "params": self.params, "location": location}
        return {"format": 1, "error": error}


class Refused(Exception):
    """A model that is not graded; `code` and `params` are the message for its author."""

    def __init__(self, code: str, **params: str | float | None) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
