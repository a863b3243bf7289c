"""What webhooks need of a database: who sends to us, who hears from us, and what became of every message."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from grader.domain.course import CountingRule
from grader.domain.report import Report
from grader.services.ports import Submission

GRADED = "submission.graded"
TEST = "webhook.test"


class Progress(StrEnum):
    """What became of what is owed; what was given up still is."""

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
    turn: float = 5.0


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
class Try:
    """One time that a message was sent; `status` None where no answer came."""

    tried_at: datetime
    status: int | None
    error: str | None


@dataclass(frozen=True)
class Wished:
    """What an endpoint is to be told, as the database has it at the moment when a message is made of it.

    `report` is that of `submission`, in `language`; `counting`, `score` and `max_score` are of the one that makes the grade,
    None where none does. `number` counts the wishes of this endpoint, student and exercise; `at` is later with each message.
    """

    submission: Submission
    report: Report
    language: str
    rule: CountingRule
    counting: str | None
    score: float | None
    max_score: float | None
    number: int
    at: datetime


@dataclass(frozen=True)
class Owed:
    """What an endpoint is owed about one student and exercise, for staff; `tries` are of its newest message."""

    id: str
    endpoint: Endpoint
    submission: str
    student_name: str
    assignment: str
    state: Progress
    attempts: int
    next_try_at: datetime | None
    wished_at: datetime
    tries: tuple[Try, ...] = ()


@dataclass(frozen=True)
class After:
    """What follows a try: `next_try_at` for one that waits.

    `switch_off` is why the endpoint hears no more; with `unless_heard_since` it hears on where it has taken any other message
    since then, and this one alone is given up. `pause_until`: nothing is sent to the endpoint before.
    """

    state: Progress
    next_try_at: datetime | None = None
    switch_off: str | None = None
    unless_heard_since: datetime | None = None
    pause_until: datetime | None = None


@dataclass(frozen=True)
class Delivery:
    """A message in the hands of one sender; `id` is the `webhook-id` of every try, `claim` proves whose hands.

    `attempts` counts since it was last put in line, this one included; `tried_at` is when it was tried before.
    """

    id: str
    wish: str
    number: int
    claim: str
    endpoint: Endpoint
    payload: Mapping[str, Any]
    attempts: int
    tried_at: datetime | None = None


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


Write = Callable[[Wished], Mapping[str, Any]]
"""Makes the message."""


class OutboundStore(Protocol):
    """What endpoints are owed. Every change of a wish is a compare-and-set."""

    def due(self, now: datetime) -> Sequence[str]:
        """Endpoints to which something may be sent now."""

    def claim(self, endpoint: str, now: datetime, until: datetime, write: Write) -> Delivery | None:
        """Take what is due to an endpoint for longest in hand until that moment; None where nothing is.

        `write` is called where no message was made of the wish yet; a later try sends what it said then.
        """

    def note_try(self, delivery: Delivery, outcome: Try, after: After) -> bool:
        """Write down how a try went and what follows, all or nothing; False where the wish moved on meanwhile."""
