"""Tables that guard the others: counts for limits, and what was changed about a course."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from grader.db.tables import Base, _id, _to

APPEND_ONLY = ("reports", "grade_changes", "course_changes", "erasures")
"""Tables whose rows no statement changes or deletes; triggers of migrations 0004 and 0013 see to it, on every database.

One change is allowed: a report loses its words, once, where a row of `erasures` names its student.
"""


class TallyRow(Base):
    """How often something happened in the window that began at `since`, or how many seconds it took that ended then."""

    __tablename__ = "tallies"
    name: Mapped[str] = mapped_column(String(160), primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class CourseChangeRow(Base):
    """Append-only: what decides over grades without being one: data, plans, roles."""

    __tablename__ = "course_changes"
    id: Mapped[str] = _id()
    course_id: Mapped[str] = _to("courses.id", index=True)
    changed_at: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str]
    old: Mapped[dict[str, Any]]
    new: Mapped[dict[str, Any]]
