"""Delivering one message of the outbox: claimed, signed, sent, written down."""

from __future__ import annotations

import json
import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from grader.lms import signature
from grader.lms.outbound import Answer, Sender, SendFailed, UrlRefused
from grader.lms.places import Places
from grader.services.webhook_ports import TEST, After, Delivery, OutboundStore, Progress, Try, WebhookPatience

log = logging.getLogger(__name__)


USER_AGENT = "keras-grader-webhooks/1"
GONE_REASON = "The address answered 410 Gone."
SILENT_REASON = "No try succeeded in three days."


@dataclass(frozen=True)
class Courier:
    """Delivers messages; `jitter` gives a number from 0 to 1."""

    rows: OutboundStore
    sender: Sender
    patience: WebhookPatience = field(default_factory=WebhookPatience)
    jitter: Callable[[], float] = random.random
    places: Places = field(default_factory=Places)

    def deliver(self, delivery: str, now: datetime) -> Try | None:
        """Try one message once; None where it is not due, or where too many are under way just now."""
        endpoint = self._place(delivery)
        if endpoint is None:
            return None
        try:
            return self._deliver(delivery, now)
        finally:
            self.places.give_back(endpoint)

    def begin(self, delivery: str, now: datetime) -> threading.Thread | None:
        """The same in a thread of its own, which ends at the sender's limit; whoever asked goes on at once."""
        endpoint = self._place(delivery)
        if endpoint is None:
            return None
        thread = threading.Thread(target=self._beside, args=(delivery, endpoint, now), name="webhook")
        thread.start()
        return thread

    def _beside(self, delivery: str, endpoint: str, now: datetime) -> None:
        try:
            self._deliver(delivery, now)
        except Exception:
            log.exception("webhook %s waits for the sweep", delivery)
        finally:
            self.places.give_back(endpoint)

    def _place(self, delivery: str) -> str | None:
        """The endpoint of a message, with one of its places taken; None, and nobody has the message, where none is free."""
        endpoint = self.rows.endpoint_of(delivery)
        if endpoint is not None and self.places.take(endpoint):
            return endpoint
        self.rows.unqueue(delivery)
        return None

    def _deliver(self, delivery: str, now: datetime) -> Try | None:
        claimed = self.rows.claim(delivery, now, now + timedelta(seconds=self.patience.claim))
        if claimed is None:
            return None
        outcome, retry_after = self._try(claimed, now)
        self.rows.note_try(claimed, outcome, self._after(claimed, outcome, retry_after, datetime.now(UTC)))
        log.info("webhook %s try %d: %s", claimed.id, claimed.attempts, outcome.status or outcome.error)
        return outcome

    def _try(self, claimed: Delivery, now: datetime) -> tuple[Try, float]:
        """How it went, and how many seconds the receiver asked us to wait."""
        body = json.dumps(claimed.payload, separators=(",", ":"), ensure_ascii=False).encode()
        headers = signature.sign(claimed.endpoint.secrets, claimed.id, now, body)
        headers |= {"Content-Type": "application/json", "User-Agent": USER_AGENT}
        try:
            answer = self.sender.post(claimed.endpoint.url, body, headers)
        except (UrlRefused, SendFailed) as error:
            return Try(now, None, str(error)), 0.0
        return Try(now, answer.status, _complaint(answer)), _wait(answer, now)

    def _after(self, claimed: Delivery, outcome: Try, retry_after: float, now: datetime) -> After:
        """What becomes of a message after a try, and of its endpoint; a test is sent once and changes nothing."""
        if outcome.error is None:
            return After(Progress.DELIVERED)
        if claimed.event == TEST:
            return After(Progress.GIVEN_UP)
        if outcome.status == HTTPStatus.GONE:
            return After(Progress.GIVEN_UP, switch_off=GONE_REASON)
        delays = self.patience.delays
        if claimed.attempts >= len(delays):
            return After(Progress.GIVEN_UP, switch_off=SILENT_REASON)
        delay = delays[claimed.attempts] * (1 + self.patience.jitter * self.jitter())
        asked = min(retry_after, self.patience.longest_retry_after)
        return After(Progress.WAITING, now + timedelta(seconds=max(delay, asked)))


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
