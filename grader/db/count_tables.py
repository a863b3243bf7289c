"""The table of counters that every process adds to and `/metrics` tells."""

from __future__ import annotations

from sqlalchemy import Float, String
from sqlalchemy.orm import Mapped, mapped_column

from grader.db.tables import Base


class CountRow(Base):
    """How often something happened since this table was made, or a sum of seconds; `labels` are words with commas between."""

    __tablename__ = "counts"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    labels: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[float] = mapped_column(Float(53))
