"""The table of one row that says whether messages may leave this service."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from grader.db.tables import Base

THE_ROW = 1


class OutgoingRow(Base):
    """At most one row; where it is missing, everything leaves.

    `held_since` is None where messages may leave. `backup_of` is the moment of the backup that was restored last; what was
    wished before it may have been told by the service that went on. No wish that is new gets a number below
    `least_number`: that service may have used up those.
    """

    __tablename__ = "outgoing"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=THE_ROW)
    held_since: Mapped[datetime | None]
    backup_of: Mapped[datetime | None]
    least_number: Mapped[int] = mapped_column(default=0)
