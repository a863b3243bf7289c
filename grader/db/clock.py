"""After the clock was set back: what was written while it ran ahead waits no longer than it ever may."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, or_, update

from grader.db.session import Database, rows_changed
from grader.db.tables import SubmissionRow, WorkerRow
from grader.db.webhook_tables import WebhookEndpointRow
from grader.db.wish_tables import WishRow
from grader.domain.submission import State
from grader.services.ports import Patience
from grader.services.webhook_ports import Progress, WebhookPatience

log = logging.getLogger(__name__)

SLACK = 10.0
"""Seconds that the clocks of two machines of one service may differ by, and a slow transaction may take."""


def bring_back(
    database: Database, now: datetime, patience: Patience, webhooks: WebhookPatience | None = None
) -> int:
    """Pull every moment that lies further ahead than it can back to where it may be at most; how many rows.

    Nothing is judged here: a lease, say, runs anew, and the sweep finds out what became of its worker.
    """
    with database.write() as session:
        changes = _changes(now, patience, webhooks or WebhookPatience())
        moved = sum(rows_changed(session, change) for change in changes)
    if moved:
        log.warning("the clock was set back: %d moments that lay ahead of it were brought back", moved)
    return moved


def _changes(now: datetime, patience: Patience, webhooks: WebhookPatience) -> Iterator[Update]:
    row, wish = SubmissionRow, WishRow
    queued, running = row.state == State.QUEUED.value, row.state == State.RUNNING.value
    yield _at_most(row.lease_until, now, patience.lease, [running])
    yield _at_most(row.not_before, now, max(patience.fault_delays), [queued])
    yield _at_most(row.dispatched_at, now, 0, [or_(queued, running)])
    for moment in (WorkerRow.seen_at, WorkerRow.idle_since, WorkerRow.died_at):
        yield _at_most(moment, now, 0)
    # The first try comes at once, the others when their turn is.
    owed = [wish.state == Progress.WAITING.value, wish.next_try_at.is_not(None)]
    untold = [*owed, wish.wished_at > now + timedelta(seconds=SLACK)]
    yield update(wish).where(*untold).values(wished_at=now, next_try_at=now)
    yield _at_most(wish.next_try_at, now, max(webhooks.delays) * (1 + webhooks.jitter), owed)
    yield _at_most(wish.claimed_until, now, webhooks.claim)
    yield _at_most(WebhookEndpointRow.paused_until, now, webhooks.longest_retry_after)


def _at_most(column: Any, now: datetime, seconds: float, conditions: Sequence[Any] = ()) -> Update:
    """No later than so many seconds from now; what is only a little later is left alone."""
    latest = now + timedelta(seconds=seconds)
    change = update(column.class_).where(column > latest + timedelta(seconds=SLACK), *conditions)
    return change.values({column.key: latest}).execution_options(synchronize_session=False)
