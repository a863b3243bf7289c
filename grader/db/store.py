"""Submissions and their reports: aggregates in, aggregates out. Implements `services.ports.Store`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Update, and_, case, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from grader.db import budgets, versions
from grader.db.columns import utc_now
from grader.db.counts import FAULTS, LOSSES, count_attempt, count_differing, count_refused
from grader.db.kept import report_of
from grader.db.report_rows import attach, pin
from grader.db.session import Database, rows_changed
from grader.db.submission_rows import new_row, to_submission, what_differs
from grader.db.tables import CourseAssignmentRow, CourseDataRow, ReportRow, SubmissionRow, UserRow
from grader.db.upload_keys import by_key, make_way
from grader.domain.report import Report, Verdict
from grader.domain.submission import Lack, Lane, State
from grader.domain.training import PlanName
from grader.services.ports import KeyInUse, NewSubmission, Step, Submission, TooManyWaiting, WhyRefused

FIRST_ATTEMPT = 1


class SubmissionStore:
    """The truth about submissions on one database; one person has at most `most_waiting` in line, 0 for any number."""

    def __init__(self, database: Database, most_waiting: int = 0) -> None:
        self._database = database
        self._most_waiting = most_waiting

    def add(self, new: NewSubmission, report: Report | None) -> Submission:
        """Save an upload, final at once where `report` is given; the same idempotency key, from the same door, gives the first row.

        KeyInUse where that is of another course or assignment, or has other content.
        """
        try:
            with self._database.write() as session:
                earlier = by_key(session, new)
                if earlier is not None:
                    return _repeated(earlier, new)
                make_way(session, new)
                if report is None and self._most_waiting:
                    _refuse_flood(session, new.upload.student, self._most_waiting)
                row = new_row(new)
                session.add(row)
                session.flush()
                if report is not None:
                    row.attempt = FIRST_ATTEMPT
                    attach(session, row, report, new.received_at)
                return to_submission(row)
        except IntegrityError:
            with self._database.read() as session:
                earlier = by_key(session, new)
            if earlier is None:
                raise
            return _repeated(earlier, new)

    def get(self, submission: str) -> Submission | None:
        """One submission."""
        with self._database.read() as session:
            row = session.get(SubmissionRow, submission)
            return None if row is None else to_submission(row)

    def newest_key(self, student: str, course: str, assignment: str) -> tuple[str, str] | None:
        """Id and idempotency key (empty for none) of what a student handed in last; None where there is nothing."""
        row = SubmissionRow
        query = (
            select(row.id, row.idempotency_key)
            .where(row.course_id == course, row.assignment == assignment, row.student_id == student)
            .order_by(row.received_at.desc(), row.id.desc())
            .limit(1)
        )
        with self._database.read() as session:
            found = session.execute(query).first()
        return None if found is None else (found[0], found[1] or "")

    def latest_report(self, submission: str) -> Report | None:
        """The report that counts: of the newest attempt, unless that was our fault and an older one was not."""
        ours_last = case((ReportRow.verdict == Verdict.GRADER_ERROR.value, 1), else_=0)
        query = (
            select(ReportRow)
            .where(ReportRow.submission_id == submission)
            .order_by(ours_last, ReportRow.attempt.desc())
            .limit(1)
        )
        with self._database.read() as session:
            row = session.scalar(query)
        return None if row is None else report_of(row)

    def begin_dispatch(
        self, submission: str, attempt: int, worker: str | None, now: datetime
    ) -> Submission | None:
        """Raise the attempt from `attempt` by one and mark it as in the queue; None where somebody else did."""
        change = (
            _current(submission, attempt)
            .where(SubmissionRow.state != State.DONE.value)
            .values(
                attempt=attempt + 1,
                worker=worker,
                waits_for=None,
                state=State.QUEUED.value,
                stage=None,
                dispatched_at=now,
                started_at=None,
                lease_until=None,
                not_before=None,
            )
        )
        with self._database.write() as session:
            if not _changed(session, change):
                return None
            return to_submission(session.get_one(SubmissionRow, submission))

    def postpone(self, submission: str, attempt: int, not_before: datetime, lack: Lack | None) -> bool:
        """Nobody can take the next attempt now: it waits in the table, and it is known for what."""
        change = (
            _current(submission, attempt)
            .where(SubmissionRow.state == State.QUEUED.value, SubmissionRow.dispatched_at.is_(None))
            .values(not_before=not_before, waits_for=lack and lack.value)
        )
        with self._database.write() as session:
            return _changed(session, change)

    def undo_dispatch(self, submission: str, attempt: int, not_before: datetime) -> bool:
        """Take an attempt out of the queue: the sweep dispatches again, not before that moment."""
        change = _in_queue(submission, attempt).values(**_out_of_queue(not_before))
        with self._database.write() as session:
            return _changed(session, change)

    def note_stage(self, step: Step, now: datetime, lease_until: datetime) -> bool:
        """A worker says what it does: `running`, with a lease."""
        change = _in_queue(step.submission, step.attempt).values(
            state=State.RUNNING.value,
            stage=step.stage.value,
            worker=step.worker or SubmissionRow.worker,
            started_at=func.coalesce(SubmissionRow.started_at, now),
            lease_until=lease_until,
        )
        with self._database.write() as session:
            return _changed(session, change)

    def extend_lease(self, submission: str, attempt: int, lease_until: datetime) -> bool:
        """A worker says that it lives."""
        change = (
            _in_queue(submission, attempt)
            .where(SubmissionRow.state == State.RUNNING.value)
            .values(lease_until=lease_until)
        )
        with self._database.write() as session:
            return _changed(session, change)

    def note_fault(self, submission: str, attempt: int, not_before: datetime, detail: str) -> int | None:
        """Our fault ended an attempt: back to the queue later; how many faults now, None where it is not current."""
        change = _in_queue(submission, attempt).values(
            faults=SubmissionRow.faults + 1,
            fault_detail=detail,
            waiting_since=not_before,
            **_out_of_queue(not_before),
        )
        with self._database.write() as session:
            if not _changed(session, change):
                return None
            row = session.get_one(SubmissionRow, submission)
            count_attempt(session, FAULTS, row.lane, utc_now())
            return row.faults

    def note_slow(self, submission: str, attempt: int, now: datetime) -> bool:
        """A worker of the quick lane gave a job up as slow: out of the queue, into the other lane."""
        change = _in_queue(submission, attempt).values(
            lane=Lane.SLOW.value, waiting_since=now, **_out_of_queue(now)
        )
        with self._database.write() as session:
            return _changed(session, change)

    def note_refusal(self, submission: str, attempt: int, now: datetime, lack: Lack, detail: str) -> bool:
        """A worker gave an attempt back because it cannot: out of the queue, and no try is spent."""
        change = _in_queue(submission, attempt).values(
            waits_for=lack.value, fault_detail=detail, **_out_of_queue(now)
        )
        with self._database.write() as session:
            return _changed(session, change)

    def note_loss(
        self, submission: str, attempt: int, now: datetime, *, spent: bool = True, detail: str = ""
    ) -> bool:
        """A worker is gone from an attempt: back to the queue; `spent` where it died over it, as `detail` tells."""
        values = _out_of_queue(now) | {"waiting_since": now}
        if spent:
            values |= {"losses": SubmissionRow.losses + 1, "fault_detail": detail}
        with self._database.write() as session:
            if not _changed(session, _in_queue(submission, attempt).values(**values)):
                return False
            if spent:
                count_attempt(session, LOSSES, session.get_one(SubmissionRow, submission).lane, now)
            return True

    def save_report(
        self, submission: str, attempt: int, report: Report, now: datetime, *, has_run: bool = False
    ) -> bool:
        """Save a report once; False where the attempt is not the current one or the submission is final.

        `has_run`: it comes from a worker, and is its start where no other word of that came.

        The first training in an assignment of a course fixes the data; OtherData where a later one used other.
        """
        claim = (
            _current(submission, attempt)
            .where(SubmissionRow.state != State.DONE.value)
            .values(state=State.DONE.value, stage=None, lease_until=None)
        )
        if has_run:
            claim = claim.values(started_at=func.coalesce(SubmissionRow.started_at, now))
        with self._database.write() as session:
            if not _changed(session, claim):
                return False
            row = session.get_one(SubmissionRow, submission)
            if report.provenance and report.provenance.dataset and any(p.training for p in report.parts):
                pin(session, row, report.provenance.dataset, now)
            attach(session, row, report, now)
            budgets.spend(session, row, report, now)
            return True

    def max_score(self, assignment: str, version: str) -> float | None:
        """What a version of an assignment was worth when it was first seen; None where nobody saw it."""
        return versions.max_score(self._database, assignment, version)

    def points(self, assignment: str, version: str) -> Mapping[str, float] | None:
        """The points of each check of a version when it was first seen, by `part/id`; None where nobody saw it."""
        return versions.points(self._database, assignment, version)

    def count_refused_word(self, why: WhyRefused) -> None:
        """A word about a job was not believed."""
        with self._database.write() as session:
            count_refused(session, why.value)

    def count_differing_run(self) -> None:
        """A kept training came out otherwise when it was made again."""
        with self._database.write() as session:
            count_differing(session)

    def pinned_data(self, course: str, assignment: str) -> Sequence[tuple[str, str]]:
        """Name and sha256 of the data sets that this course has fixed for an assignment."""
        query = select(CourseDataRow.dataset, CourseDataRow.sha256).where(
            CourseDataRow.course_id == course, CourseDataRow.slug == assignment
        )
        with self._database.read() as session:
            return [(name, sha256) for name, sha256 in session.execute(query)]

    def plan(self, course: str, assignment: str) -> PlanName:
        """By which plan this course trains an assignment; the class plan where it is no longer on its list."""
        query = select(CourseAssignmentRow.plan).where(
            CourseAssignmentRow.course_id == course, CourseAssignmentRow.slug == assignment
        )
        with self._database.read() as session:
            return PlanName(session.scalar(query) or PlanName.CLASS)

    def reopen(self, submission: str, by: str, reason: str, version: str, now: datetime) -> bool:
        """Make a final submission gradable again, by that version of its assignment, or one that waits for another.

        False where it is being graded, or what was handed in is erased.
        """
        waits = and_(SubmissionRow.dispatched_at.is_(None), SubmissionRow.waits_for.is_not(None))
        change = (
            update(SubmissionRow)
            .where(SubmissionRow.id == submission, SubmissionRow.erased_at.is_(None))
            .where(or_(SubmissionRow.state == State.DONE.value, waits))
            .values(
                state=State.QUEUED.value,
                assignment_version=version,
                waits_for=None,
                worker=None,
                lane=Lane.QUICK.value,
                faults=0,
                losses=0,
                regraded_by=by,
                regrade_reason=reason,
                not_before=now,
                waiting_since=now,
                dispatched_at=None,
                started_at=None,
                done_at=None,
            )
        )
        with self._database.write() as session:
            return _changed(session, change)


def _repeated(earlier: SubmissionRow, new: NewSubmission) -> Submission:
    """The submission that has the key of this upload; KeyInUse where this upload is another one."""
    field = what_differs(earlier, new)
    if field is not None:
        raise KeyInUse(field)
    return to_submission(earlier)


def _refuse_flood(session: Session, student: str, most: int) -> None:
    """TooManyWaiting for who has `most` in line; the person's row is locked, so that uploads at once count one by one."""
    session.execute(select(UserRow.id).where(UserRow.id == student).with_for_update())
    waiting = select(func.count()).where(
        SubmissionRow.student_id == student, SubmissionRow.state == State.QUEUED.value
    )
    if (session.scalar(waiting) or 0) >= most:
        raise TooManyWaiting(most)


def _current(submission: str, attempt: int) -> Update:
    return update(SubmissionRow).where(SubmissionRow.id == submission, SubmissionRow.attempt == attempt)


def _in_queue(submission: str, attempt: int) -> Update:
    return _current(submission, attempt).where(
        SubmissionRow.state != State.DONE.value, SubmissionRow.dispatched_at.is_not(None)
    )


def _out_of_queue(not_before: datetime) -> dict[str, Any]:
    return {
        "state": State.QUEUED.value,
        "stage": None,
        "dispatched_at": None,
        "started_at": None,
        "lease_until": None,
        "not_before": not_before,
    }


def _changed(session: Session, change: Update) -> bool:
    return rows_changed(session, change) == 1
