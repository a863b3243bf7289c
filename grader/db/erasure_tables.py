"""Whose words were erased, when, by whom and why: without such a row the triggers of migration 0013 let no word go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from grader.db.tables import Base, _id, _to


class ErasureRow(Base):
    """Append-only, one for a person: `erased_by` is a name in the operating system, or one that was given."""

    __tablename__ = "erasures"
    __table_args__ = (UniqueConstraint("user_id"),)
    id: Mapped[str] = _id()
    user_id: Mapped[str] = _to("users.id")
    erased_at: Mapped[datetime]
    erased_by: Mapped[str]
    why: Mapped[str] = mapped_column(Text)
