"""Courses and the people in them."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody may do in one course; `admin` is a flag of the user, not a role."""

    STUDENT = "student"
    TA = "ta"
    TEACHER = "teacher"

    @property
    def is_staff(self) -> bool:
        """Whether this role sees the whole course."""
        return self is not Role.STUDENT


class CountingRule(StrEnum):
    """Which attempt counts for the grade."""

    BEST = "best"
    LAST = "last"
