"""What a restored database needs before a service starts on it."""

from __future__ import annotations

from datetime import datetime

from grader.db.columns import utc_now
from grader.db.migrate import upgrade
from grader.db.outgoing import OutgoingRows, Waiting
from grader.db.restored import take_up
from grader.db.session import Database


def reconcile(database: Database, backup_of: datetime) -> tuple[int, list[Waiting]]:
    """Bring it to this program's schema, hold its messages, have what is not graded sent anew.

    How many submissions that are, and the messages that are held.
    """
    upgrade(database)
    rows = OutgoingRows(database)
    rows.hold_after_restore(utc_now(), backup_of)
    return take_up(database), list(rows.waiting())
