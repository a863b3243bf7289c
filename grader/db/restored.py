"""A database that was restored from a backup: what was on its way when that was made is to be sent anew."""

from __future__ import annotations

from sqlalchemy import Update, update

from grader.db.session import Database, rows_changed
from grader.db.tables import SubmissionRow
from grader.db.wish_tables import WishRow
from grader.domain.submission import State


def take_up(database: Database) -> int:
    """Take every submission that is not graded out of the queue that it was in, and every wish out of its sender's hands.

    The sweep sends them again; nothing is spent, since no worker's death is to blame. How many submissions there are.
    """
    row = SubmissionRow
    unfinished = [State.QUEUED.value, State.RUNNING.value]
    waits: Update = update(row).where(row.state.in_(unfinished))
    # Regrades and the slow lane ask for room, all others for a moment that has come.
    again = waits.values(
        state=State.QUEUED.value,
        stage=None,
        worker=None,
        waits_for=None,
        dispatched_at=None,
        started_at=None,
        lease_until=None,
        not_before=row.received_at,
    )
    free = update(WishRow).values(claim=None, claimed_until=None)
    with database.write() as session:
        rows_changed(session, free)
        return rows_changed(session, again)
