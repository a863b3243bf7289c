"""What staff say to everybody whom the same thing stopped."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from grader.db.tables import Base, Id
from grader.domain.cause import LONGEST


class CauseHintRow(Base):
    """A course's own hint for one first cause in one assignment."""

    __tablename__ = "cause_hints"
    course_id: Mapped[str] = mapped_column(Id, ForeignKey("courses.id"), primary_key=True)
    assignment: Mapped[str] = mapped_column(String(80), primary_key=True)
    cause: Mapped[str] = mapped_column(String(LONGEST), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    written_at: Mapped[datetime]
