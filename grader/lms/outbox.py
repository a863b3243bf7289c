"""From a saved report to a message in the outbox, and from there to a worker. The table is the truth."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from grader.domain.course import CountingRule
from grader.domain.report import Report
from grader.services.ports import Store, Submission
from grader.services.webhook_ports import GRADED, OutboundStore, Owed, WebhookPatience

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=2)
"""Reports that were saved while nobody wrote messages are told of if they are not older than this."""

IDS = ("source", "platform", "course_id", "assignment_id", "submission_id", "attempt", "user_id", "sis_id")


class Grade(Protocol):
    """What one student has for one assignment."""

    @property
    def assignment(self) -> str:
        """The slug."""

    @property
    def submission(self) -> str | None:
        """The one that counts, None where none does."""

    @property
    def score(self) -> float | None:
        """Points of the one that counts."""

    @property
    def max_score(self) -> float | None:
        """Out of how many."""


class Grades(Protocol):
    """Which attempt counts."""

    def grades(self, course: str, rule: CountingRule, student: str | None = None) -> Iterable[Grade]:
        """A line for each assignment of one student."""


@dataclass(frozen=True)
class Outbox:
    """Writes messages and hands them out; `send` asks a worker to deliver one."""

    rows: OutboundStore
    store: Store
    grades: Grades
    send: Callable[[str], None]
    public_url: str = ""
    patience: WebhookPatience = field(default_factory=WebhookPatience)

    def hear(self, submission: Submission, _report: Report) -> None:
        """A report was saved. What fails here is made up for by the sweep."""
        try:
            self.collect(datetime.now(UTC), submission.id)
            self.hand_out(datetime.now(UTC))
        except Exception:
            log.exception("webhooks for %s wait for the sweep", submission.id)

    def sweep(self, now: datetime) -> None:
        """One round: write what is owed, hand out what is due."""
        self.collect(now)
        self.hand_out(now)

    def collect(self, now: datetime, submission: str | None = None) -> int:
        """Write a message for every report that an endpoint has not been told of; how many."""
        written = 0
        for owed in self.rows.owed(now - LOOK_BACK, submission):
            found = self.store.get(owed.submission)
            if found is not None:
                written += self.rows.add_delivery(owed, self._payload(owed, found), now) is not None
        return written

    def hand_out(self, now: datetime) -> int:
        """Ask workers to deliver what is due; how many were asked for."""
        due = self.rows.due(now, now - timedelta(seconds=self.patience.queued))
        for delivery in due:
            self.send(delivery)
        return len(due)

    def _payload(self, owed: Owed, submission: Submission) -> dict[str, Any]:
        lines = self.grades.grades(submission.course, owed.rule, submission.student)
        counting = next((line for line in lines if line.assignment == submission.assignment), None)
        data = _ids(submission) | {
            "score": None if counting is None else counting.score,
            "max_score": submission.max_score
            if counting is None or counting.max_score is None
            else counting.max_score,
            "counting_submission_id": None if counting is None else counting.submission,
            "counting_rule": owed.rule.value,
            "verdict": owed.verdict.value,
            "grader_submission_id": submission.id,
            "report_url": self._page(submission),
        }
        return {"type": GRADED, "timestamp": owed.graded_at.isoformat(), "data": data}

    def _page(self, submission: Submission) -> str | None:
        """Where people read it; None where nobody has said by which address they come."""
        return f"{self.public_url.rstrip('/')}/submissions/{submission.id}" if self.public_url else None


def _ids(submission: Submission) -> dict[str, Any]:
    """The LMS's own ids where the submission came from one, else ours."""
    ours = {
        "source": "grader",
        "platform": "grader",
        "course_id": submission.course,
        "assignment_id": submission.assignment,
        "submission_id": submission.id,
        "attempt": "1",
        "user_id": submission.student,
    }
    known = dict(submission.external) if "source" in submission.external else ours
    ids: dict[str, Any] = {name: known.get(name) for name in IDS}
    user = {"id": ids.pop("user_id"), "sis_id": ids.pop("sis_id")}
    return ids | {"attempt": int(ids["attempt"] or 1), "user": user}
