"""What workers say, written down: stages, signs of life, reports and faults."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from grader.domain.report import Report
from grader.domain.submission import Lane, State
from grader.services.believed import Measure, misfit
from grader.services.dispatch import Dispatcher
from grader.services.ports import OtherData, Refusal, Step, Submission, WhyRefused

log = logging.getLogger(__name__)

LONGEST_DETAIL = 500

Announce = Callable[[Submission, Report], None]


@dataclass(frozen=True)
class Recorder:
    """Writes down what workers say; `announce` hears of every report that was saved."""

    dispatcher: Dispatcher
    announce: tuple[Announce, ...] = ()

    def stage(self, step: Step, now: datetime) -> bool:
        """A worker begins a stage."""
        return self.dispatcher.store.note_stage(step, now, self._lease(now))

    def heartbeat(self, submission: str, attempt: int, now: datetime) -> bool:
        """A worker still has this job in hand; a run that takes for ever loses its lease all the same."""
        known = self.dispatcher.store.get(submission)
        longest = timedelta(seconds=self.dispatcher.patience.longest_run)
        if known is None or (known.started_at is not None and now - known.started_at > longest):
            return False
        return self.dispatcher.store.extend_lease(submission, attempt, self._lease(now))

    def report(self, submission: str, attempt: int, report: Report, now: datetime) -> bool:
        """Save a worker's report, once, where it can be one of this submission; else it is refused, as if it had not come."""
        wrong = self._what_is_wrong(submission, attempt, report)
        if wrong is not None:
            self.refuse(WhyRefused.MISFIT, submission, attempt, wrong)
            return False
        return self.save(submission, attempt, report, now, has_run=True)

    def _what_is_wrong(self, submission: str, attempt: int, report: Report) -> str | None:
        """What shows that nobody can have made a report; one that comes late or twice is not wrong but not needed."""
        known = self.dispatcher.store.get(submission)
        if known is None or not 1 <= attempt <= known.attempt:
            return "no such attempt was ever sent to anybody"
        if attempt < known.attempt or known.state is State.DONE:
            return None
        return misfit(report, known, self._measure(known))

    def refuse(self, why: WhyRefused, submission: object, attempt: object, detail: str) -> None:
        """A word is not believed: it is counted and logged, and no job pays for it."""
        about = f"{submission!r:.60} attempt {attempt!r:.20}"
        log.error("a word about %s is refused (%s): %s", about, why.value, detail[:LONGEST_DETAIL])
        self.dispatcher.store.count_refused_word(why)

    def run_differs(self, submission: str, attempt: int, key: str) -> None:
        """A kept training came out otherwise when this attempt made it again: it is counted and logged, the report is right."""
        log.error(
            "a kept training was no such training: %r, found by %s attempt %d", key, submission, attempt
        )
        self.dispatcher.store.count_differing_run()

    def save(
        self, submission: str, attempt: int, report: Report, now: datetime, *, has_run: bool = False
    ) -> bool:
        """Save a report that is known to be right, once, and tell who wants to know; `has_run`: a worker made it."""
        store = self.dispatcher.store
        before = store.get(submission)
        try:
            if before is not None and (has_run or before.started_at is not None):
                report = _with_queue_time(report, before, now)
            saved = store.save_report(submission, attempt, report, now, has_run=has_run)
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

    def fault(
        self, submission: str, attempt: int, detail: str, now: datetime, *, further: int | None = None
    ) -> None:
        """Our fault ended an attempt: try again later, and in the end say so in a report.

        `further`: so many tries at most after this one; one where it was tried twice already, none where the same again
        would end the same.
        """
        delays = self.dispatcher.patience.fault_delays[:further]
        known = self.dispatcher.store.get(submission)
        if known is None or known.attempt != attempt:
            return
        log.error("attempt %d of %s ended in our fault: %s", attempt, submission, detail)
        if known.faults >= len(delays):
            self.save(submission, attempt, self._fault_report(known), now)
            return
        later = now + timedelta(seconds=delays[known.faults])
        self.dispatcher.store.note_fault(submission, attempt, later, detail)

    def refused(self, refusal: Refusal, now: datetime) -> None:
        """A worker cannot: the job waits for one that can, and this one gets no such job for a while."""
        store, workers = self.dispatcher.store, self.dispatcher.workers
        known = store.get(refusal.submission)
        if known is None:
            return
        log.warning("%s gave %s back: %s", refusal.worker, refusal.submission, refusal.detail)
        until = now + timedelta(seconds=self.dispatcher.patience.lacking)
        workers.refused(refusal.worker, known.assignment, refusal.lack, until)
        if not store.note_refusal(refusal.submission, refusal.attempt, now, refusal.lack, refusal.detail):
            return
        again = store.get(refusal.submission)
        if again is not None and again.lane is Lane.QUICK and not again.is_regrade:
            self.dispatcher.dispatch(again, now)

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

    def loss(self, lost: Submission, now: datetime, *, with_all: bool = False) -> None:
        """A worker died over a job: another attempt, in the end alone; and then it was the job, unless a neighbour died, too.

        `with_all`: every worker died at once, so it was not the job; too many of these end it all the same.
        """
        patience = self.dispatcher.patience
        evidence = _evidence(lost, now)
        is_proven = lost.losses >= patience.losses_in_company and not (
            with_all or self._others_died(lost, now)
        )
        if not is_proven and lost.losses + 1 < patience.most_losses:
            self._again(lost, now, spent=True, detail=evidence)
            return
        log.error("%s is given up: %s", lost.id, evidence)
        self.dispatcher.store.note_loss(lost.id, lost.attempt, now, detail=evidence)
        self.save(lost.id, lost.attempt, self._fault_report(lost), now)

    def interrupted(self, lost: Submission, now: datetime) -> None:
        """A worker ended as planned, with a job in hand: another attempt, and nothing is spent."""
        self._again(lost, now, spent=False)

    def _others_died(self, lost: Submission, now: datetime) -> bool:
        patience = self.dispatcher.patience
        since = now - timedelta(seconds=patience.others_died)
        return self.dispatcher.workers.others_died(lost.worker, since, patience, now)

    def _again(self, lost: Submission, now: datetime, *, spent: bool, detail: str = "") -> None:
        if self.dispatcher.store.note_loss(lost.id, lost.attempt, now, spent=spent, detail=detail):
            again = self.dispatcher.store.get(lost.id)
            if again is not None:
                self.dispatcher.dispatch(again, now)

    def _measure(self, submission: Submission) -> Measure:
        """What the version is worth: the shelf says it of its own, the table of all that were ever there."""
        slug, version = submission.assignment, submission.assignment_version
        shelf = self.dispatcher.shelf
        known = shelf.assignments.get(slug)
        if known is not None and known.version == version:
            return Measure(shelf.points(slug), known)
        return Measure(self.dispatcher.store.points(slug, version))

    def _fault_report(self, submission: Submission) -> Report:
        slug, version = submission.assignment, submission.assignment_version
        known = self.dispatcher.store.max_score(slug, version)
        shelf = self.dispatcher.shelf
        if known is None:
            known = shelf.max_score(slug) if slug in shelf.assignments else 0.0
        return Report.fault(slug, version, known)

    def _lease(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self.dispatcher.patience.lease)


def _evidence(lost: Submission, now: datetime) -> str:
    """Which workers died over a job, and when, the last one last; for who must explain it."""
    return f"{lost.fault_detail}\n{now:%Y-%m-%d %H:%M:%S} UTC: {lost.worker or 'a worker'} died over attempt {lost.attempt}".strip()


def _with_queue_time(report: Report, submission: Submission, now: datetime) -> Report:
    """A worker whose first words got lost has begun by now."""
    seconds = max(0.0, ((submission.started_at or now) - submission.received_at).total_seconds())
    return replace(report, timings=replace(report.timings, queue_s=round(seconds, 3)))
