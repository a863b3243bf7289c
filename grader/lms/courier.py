"""Telling an endpoint what it is owed: claimed, signed, sent, written down."""

from __future__ import annotations

import json
import logging
import random
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from grader.lms import signature
from grader.lms.outbound import Answer, Sender, SendFailed, UrlRefused
from grader.lms.places import Places
from grader.services.webhook_ports import (
    TEST,
    After,
    Delivery,
    Endpoint,
    OutboundStore,
    Progress,
    Try,
    WebhookPatience,
    Write,
)

log = logging.getLogger(__name__)


USER_AGENT = "keras-grader-webhooks/1"
GONE_REASON = "The address answered 410 Gone."
SILENT_REASON = "No try succeeded in three days."
THROTTLING = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


@dataclass(frozen=True)
class Courier:
    """Delivers what is owed; `write` makes messages, `jitter` gives a number from 0 to 1."""

    rows: OutboundStore
    sender: Sender
    write: Write
    patience: WebhookPatience = field(default_factory=WebhookPatience)
    jitter: Callable[[], float] = random.random
    places: Places = field(default_factory=Places)

    def deliver(self, endpoint: str, now: datetime) -> Try | None:
        """Try once what is due to an endpoint for longest; None where nothing is, or too many are under way just now."""
        if not self.places.take(endpoint):
            return None
        try:
            return self._deliver(endpoint, now)
        finally:
            self.places.give_back(endpoint)

    def begin(self, endpoint: str) -> threading.Thread | None:
        """One after the other in a thread of its own, for a turn or until one fails; whoever asked goes on at once."""
        if not self.places.take(endpoint):
            return None
        thread = threading.Thread(target=self._beside, args=(endpoint,), name="webhook")
        thread.start()
        return thread

    def test(self, endpoint: Endpoint, now: datetime) -> Try:
        """Send a `webhook.test`, once and whether the endpoint is on or not; nothing follows from it."""
        payload = {"type": TEST, "timestamp": now.isoformat(), "data": {"endpoint_id": endpoint.id}}
        return self._send(endpoint, f"test_{secrets.token_hex(13)}", payload, now)[0]

    def _beside(self, endpoint: str) -> None:
        ends = time.monotonic() + self.patience.turn
        try:
            tried = self._deliver(endpoint, datetime.now(UTC))
            while tried is not None and tried.error is None and time.monotonic() < ends:
                tried = self._deliver(endpoint, datetime.now(UTC))
        except Exception:
            log.exception("what is owed to %s waits for the sweep", endpoint)
        finally:
            self.places.give_back(endpoint)

    def _deliver(self, endpoint: str, now: datetime) -> Try | None:
        until = now + timedelta(seconds=self.patience.claim)
        claimed = self.rows.claim(endpoint, now, until, self.write)
        if claimed is None:
            return None
        outcome, retry_after = self._send(claimed.endpoint, claimed.id, claimed.payload, now)
        self.rows.note_try(claimed, outcome, self._after(claimed, outcome, retry_after, datetime.now(UTC)))
        log.info("webhook %s try %d: %s", claimed.id, claimed.attempts, outcome.status or outcome.error)
        return outcome

    def _send(
        self, endpoint: Endpoint, message: str, payload: Mapping[str, Any], now: datetime
    ) -> tuple[Try, float]:
        """How it went, and how many seconds the receiver asked us to wait."""
        body = json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")
        headers = signature.sign(endpoint.secrets, message, now, body)
        headers |= {"Content-Type": "application/json", "User-Agent": USER_AGENT}
        try:
            answer = self.sender.post(endpoint.url, body, headers)
        except (UrlRefused, SendFailed) as error:
            return Try(now, None, str(error)), 0.0
        return Try(now, answer.status, _complaint(answer)), _wait(answer, now)

    def _after(self, claimed: Delivery, outcome: Try, retry_after: float, now: datetime) -> After:
        """What becomes of a wish after a try, and of its endpoint."""
        if outcome.error is None:
            return After(Progress.DELIVERED)
        if outcome.status == HTTPStatus.GONE:
            return After(Progress.WAITING, switch_off=GONE_REASON)
        delays = self.patience.delays
        if claimed.attempts >= len(delays):
            before = claimed.tried_at or outcome.tried_at
            return After(Progress.WAITING, switch_off=SILENT_REASON, unless_heard_since=before)
        delay = delays[claimed.attempts] * (1 + self.patience.jitter * self.jitter())
        asked = min(retry_after, self.patience.longest_retry_after)
        rests = outcome.status in THROTTLING and asked > 0
        return After(
            Progress.WAITING,
            now + timedelta(seconds=max(delay, asked)),
            pause_until=now + timedelta(seconds=asked) if rests else None,
        )


def _complaint(answer: Answer) -> str | None:
    """Why an answer is no success; the words of the receiver are not kept."""
    if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        return f"{answer.status}: redirects are not followed"
    return f"{answer.status} instead of 2xx"


def _wait(answer: Answer, now: datetime) -> float:
    """Seconds that a receiver asked for by `Retry-After`, a number or a date; 0 where it is neither."""
    text = (answer.retry_after or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - now) / timedelta(seconds=1))
    except (ValueError, TypeError):
        return 0.0
