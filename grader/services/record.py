"""What workers say, written down: stages, signs of life, reports and faults."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from grader.domain.report import Report
from grader.domain.submission import Stage, State
from grader.services.dispatch import Dispatcher
from grader.services.ports import OtherData, Submission

log = logging.getLogger(__name__)

Announce = Callable[[Submission, Report], None]


@dataclass(frozen=True)
class Recorder:
    """Writes down what workers say; `announce` hears of every report that was saved."""

    dispatcher: Dispatcher
    announce: tuple[Announce, ...] = ()

    def stage(self, submission: str, attempt: int, stage: Stage, now: datetime) -> bool:
        """A worker begins a stage."""
        return self.dispatcher.store.note_stage(submission, attempt, stage, now, self._lease(now))

    def heartbeat(self, submission: str, attempt: int, now: datetime) -> bool:
        """A worker still has this job in hand; a run that takes for ever loses its lease all the same."""
        known = self.dispatcher.store.get(submission)
        longest = timedelta(seconds=self.dispatcher.patience.longest_run)
        if known is None or (known.started_at is not None and now - known.started_at > longest):
            return False
        return self.dispatcher.store.extend_lease(submission, attempt, self._lease(now))

    def report(self, submission: str, attempt: int, report: Report, now: datetime) -> bool:
        """Save a report, once, and tell who wants to know."""
        store = self.dispatcher.store
        before = store.get(submission)
        try:
            saved = before is not None and store.save_report(
                submission, attempt, _with_queue_time(report, before), now
            )
        except OtherData as error:
            self.fault(submission, attempt, str(error), now)
            return False
        if not saved:
            log.info("report of %s attempt %d was not needed", submission, attempt)
            return False
        after = store.get(submission)
        if after is not None:
            for hear in self.announce:
                hear(after, report)
        self.dispatcher.admit(now)
        return True

    def fault(self, submission: str, attempt: int, detail: str, now: datetime) -> None:
        """Our fault ended an attempt: try again later, and in the end say so in a report."""
        delays = self.dispatcher.patience.fault_delays
        known = self.dispatcher.store.get(submission)
        if known is None or known.attempt != attempt:
            return
        log.error("attempt %d of %s ended in our fault: %s", attempt, submission, detail)
        if known.faults >= len(delays):
            self.report(submission, attempt, self._fault_report(known), now)
            return
        later = now + timedelta(seconds=delays[known.faults])
        self.dispatcher.store.note_fault(submission, attempt, later, detail)

    def slow(self, submission: str, attempt: int, now: datetime) -> None:
        """A worker of the quick lane gave a job up, to let others pass: it goes on in the slow one."""
        if self.dispatcher.store.note_slow(submission, attempt, now):
            self.dispatcher.admit(now)

    def returned(self, submission: str, attempt: int, now: datetime) -> None:
        """The broker handed a job out twice: a worker died over it, or gave it back unstarted."""
        known = self.dispatcher.store.get(submission)
        if known is None or known.attempt != attempt:
            return
        if known.state is State.QUEUED and self.dispatcher.store.undo_dispatch(submission, attempt, now):
            return
        soon = now + timedelta(seconds=2 * self.dispatcher.patience.heartbeat)
        if known.lease_until is not None and soon < known.lease_until:
            self.dispatcher.store.extend_lease(submission, attempt, soon)

    def loss(self, lost: Submission, now: datetime) -> None:
        """A worker died over a job: another attempt, until the job has cost too many workers."""
        if lost.losses + 1 >= self.dispatcher.patience.max_losses:
            log.error("%s cost %d workers and is given up", lost.id, lost.losses + 1)
            self.report(lost.id, lost.attempt, self._fault_report(lost), now)
            return
        if self.dispatcher.store.note_loss(lost.id, lost.attempt, now) is not None:
            again = self.dispatcher.store.get(lost.id)
            if again is not None:
                self.dispatcher.dispatch(again, now)

    def _fault_report(self, submission: Submission) -> Report:
        shelf, slug = self.dispatcher.shelf, submission.assignment
        max_score = shelf.max_score(slug) if slug in shelf.assignments else 0.0
        return Report.fault(slug, submission.assignment_version, max_score)

    def _lease(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self.dispatcher.patience.lease)


def _with_queue_time(report: Report, submission: Submission) -> Report:
    if submission.started_at is None:
        return report
    seconds = max(0.0, (submission.started_at - submission.received_at).total_seconds())
    return replace(report, timings=replace(report.timings, queue_s=round(seconds, 3)))
