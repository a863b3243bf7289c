"""What workers measured in one small training that is the same for all: whether they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from grader.db.session import Database
from grader.db.tables import WorkerRow

SILENCE_SECONDS = 30.0
"""A worker that said nothing for so long is not counted any more."""

LONGEST = 200


@dataclass(frozen=True)
class Canary:
    """A living worker, the hash of what its training gave, and what it trained with."""

    worker: str
    digest: str
    about: str


class CanaryRows:
    """Implements it on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def seen(self, worker: str, digest: str, about: str, now: datetime) -> None:
        """A worker tells what its training gave; it may be the first that is heard of it."""
        with self._database.write() as session:
            row = session.get(WorkerRow, worker) or WorkerRow(name=worker, queues="", idle_since=None)
            row.seen_at, row.canary, row.canary_about = now, digest[:LONGEST], about[:LONGEST]
            session.add(row)

    def disagreeing(self, now: datetime) -> Sequence[Canary]:
        """Every living worker that told, where they do not all agree; nothing where they do."""
        alive = now - timedelta(seconds=SILENCE_SECONDS)
        query = select(WorkerRow).where(WorkerRow.seen_at > alive, WorkerRow.canary.is_not(None))
        with self._database.read() as session:
            rows = session.scalars(query.order_by(WorkerRow.name))
            found = [Canary(row.name, row.canary or "", row.canary_about or "") for row in rows]
        return found if len({one.digest for one in found}) > 1 else []
