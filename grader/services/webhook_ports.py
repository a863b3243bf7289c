"""What webhooks need of a database: who sends to us, who hears from us, and what became of every message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from grader.domain.course import CountingRule
from grader.domain.report import Verdict

GRADED = "submission.graded"
TEST = "webhook.test"


class Progress(StrEnum):
    """What became of an outgoing message."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True)
class WebhookPatience:
    """Every waiting time of outgoing webhooks, in seconds; `delays` come before each try. Tests shorten them."""

    delays: tuple[float, ...] = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
    jitter: float = 0.1
    longest_retry_after: float = 86_400.0
    timeout: float = 15.0
    claim: float = 60.0
    queued: float = 60.0


@dataclass(frozen=True)
class Source:
    """An LMS that sends us submissions of one course; `secrets` are those that count now, the newest first."""

    id: str
    name: str
    course: str
    secrets: tuple[str, ...]
    enabled: bool


@dataclass(frozen=True)
class Endpoint:
    """An address that hears of a course's grades; `secrets` are those that sign now, the newest first."""

    id: str
    course: str
    url: str
    secrets: tuple[str, ...]
    enabled: bool
    disabled_reason: str | None = None


@dataclass(frozen=True)
class Owed:
    """A saved report that an endpoint has not been told of."""

    endpoint: str
    submission: str
    report_attempt: int
    verdict: Verdict
    rule: CountingRule
    graded_at: datetime


@dataclass(frozen=True)
class Try:
    """One time that a message was sent; `status` None where no answer came."""

    tried_at: datetime
    status: int | None
    error: str | None


@dataclass(frozen=True)
class After:
    """What follows a try; `switch_off` is why the endpoint hears no more, None where it does."""

    state: Progress
    next_try_at: datetime | None = None
    switch_off: str | None = None


@dataclass(frozen=True)
class Delivery:
    """One outgoing message; its id is the `webhook-id` of every try. `attempts` counts since it was last put in line."""

    id: str
    endpoint: Endpoint
    submission: str | None
    event: str
    payload: Mapping[str, Any]
    state: Progress
    attempts: int
    next_try_at: datetime | None
    created_at: datetime
    tries: tuple[Try, ...] = ()


@dataclass(frozen=True)
class Received:
    """An incoming message that was accepted; `external` is (submission id, attempt) where it brought a new submission."""

    source: str
    delivery_id: str
    event: str
    body_sha256: str
    submission: str | None = None
    external: tuple[str, int] | None = None


@dataclass(frozen=True)
class HandedIn:
    """One attempt that an LMS has sent, and our `submission` for it; `user` and `assignment` are the LMS's ids."""

    attempt: int
    submission: str
    user: str
    assignment: str
    slug: str
    content_sha256: str
    submitted_at: datetime


class InboundStore(Protocol):
    """Sources, whom they mean, and what they sent."""

    def source(self, name: str, now: datetime) -> Source | None:
        """One source by name."""

    def assignment_for(self, source: str, external_id: str) -> str | None:
        """The slug that a source means by one of its own assignment ids, where that was written down."""

    def student_for(self, source: Source, external_id: str, display_name: str) -> str:
        """The user that a source means; made, as a student of its course, when first heard of."""

    def received(self, source: str, delivery_id: str) -> Received | None:
        """The message that was accepted under this id, where there is one."""

    def handed_in(self, source: str, submission: str, user: str) -> Sequence[HandedIn]:
        """Every attempt that came under an LMS's submission id, the newest number first.

        Of this user also what was saved by a process that has not yet written its message down, or died before.
        """

    def note_received(self, received: Received) -> bool:
        """Write an accepted message down; False where another process was quicker."""


class OutboundStore(Protocol):
    """Endpoints and the outbox. Every change of a message is a compare-and-set."""

    def owed(self, since: datetime, submission: str | None) -> Sequence[Owed]:
        """Reports saved after `since` that an enabled endpoint of their course has not been told of."""

    def add_delivery(self, owed: Owed, payload: Mapping[str, Any], now: datetime) -> str | None:
        """Put a message into the outbox; its id, None where it is there already."""

    def due(self, now: datetime, queued_before: datetime) -> Sequence[str]:
        """Messages whose next try is due and that were not handed to a worker after that moment; claims them.

        The first of each endpoint come first, then the second of each: many for one hold up none for another.
        """

    def endpoint_of(self, delivery: str) -> str | None:
        """Where a message goes; None for an unknown one."""

    def claim(self, delivery: str, now: datetime, until: datetime) -> Delivery | None:
        """Take a due message in hand until that moment and count a try; None where it is not due."""

    def note_try(self, delivery: Delivery, outcome: Try, after: After) -> bool:
        """Write down how a try went and what follows, all or nothing; False where the message moved on meanwhile."""

    def unqueue(self, delivery: str) -> None:
        """Nobody has this message in hand after all: the next sweep may hand it out."""
