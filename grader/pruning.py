"""Removing what is not to be kept any longer: by the control worker each hour, and by `grader prune`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from grader import queue
from grader.db.retention import WORKERS
from grader.wiring import Wiring

log = logging.getLogger(__name__)


def prune(parts: Wiring, now: datetime, most_batches: int | None = None) -> Mapping[str, int]:
    """How many rows of each kind were removed; with a silent worker goes what was left in its own queue."""
    removed = dict(parts.retention.prune(now, most_batches))
    gone = parts.retention.forget_workers(now)
    for worker in gone:
        for own in queue.own_queues(worker):
            queue.purge(parts.celery, own)
    removed[WORKERS] = len(gone)
    if any(removed.values()):
        log.info("removed: %s", in_words(removed))
    return removed


def in_words(counted: Mapping[str, int]) -> str:
    """`links that ran out: 3, …`; what is none is left out."""
    return ", ".join(f"{kind}: {count}" for kind, count in counted.items() if count) or "nothing"
