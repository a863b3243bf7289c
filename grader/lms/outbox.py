"""From what endpoints are owed to a worker who tells them. The table is the truth, the queue only a hint."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from grader.domain.report import Report
from grader.services.ports import Submission
from grader.services.webhook_ports import OutboundStore

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outbox:
    """Finds endpoints with something due; `send` asks a worker to tell one of them."""

    rows: OutboundStore
    send: Callable[[str], None]

    def hear(self, _submission: Submission, _report: Report) -> None:
        """A report was saved, and with it what is owed. What fails here is made up for by the sweep."""
        try:
            self.sweep(datetime.now(UTC))
        except Exception:
            log.exception("webhooks wait for the sweep")

    def sweep(self, now: datetime) -> int:
        """One round: ask for each endpoint to which something is due; how many there are."""
        endpoints = self.rows.due(now)
        for endpoint in endpoints:
            self.send(endpoint)
        return len(endpoints)
