"""Submissions and their reports: aggregates in, aggregates out. Implements `services.ports.Store`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Update, and_, case, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from grader import wire
from grader.db.report_rows import attach, pin
from grader.db.session import Database
from grader.db.submission_rows import new_row, to_submission
from grader.db.tables import (
    CourseAssignmentRow,
    CourseDataRow,
    ReportRow,
    SubmissionRow,
    UserRow,
    WorkerRow,
)
from grader.domain.report import Report, Verdict
from grader.domain.submission import Lane, Stage, State
from grader.domain.training import PlanName
from grader.services.ports import NewSubmission, Patience, Submission, TooManyWaiting

BATCH = 200
FIRST_ATTEMPT = 1


class SubmissionStore:
    """The truth about submissions on one database; one person has at most `most_waiting` in line, 0 for any number."""

    def __init__(self, database: Database, most_waiting: int = 0) -> None:
        self._database = database
        self._most_waiting = most_waiting

    def add(self, new: NewSubmission, report: Report | None) -> Submission:
        """Save an upload, final at once where `report` is given; the same idempotency key gives the first row."""
        try:
            with self._database.write() as session:
                earlier = _by_key(session, new)
                if earlier is not None:
                    return to_submission(earlier)
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
                earlier = _by_key(session, new)
            if earlier is None:
                raise
            return to_submission(earlier)

    def get(self, submission: str) -> Submission | None:
        """One submission."""
        with self._database.read() as session:
            row = session.get(SubmissionRow, submission)
            return None if row is None else to_submission(row)

    def latest_report(self, submission: str) -> Report | None:
        """The report that counts: of the newest attempt, unless that was our fault and an older one was not."""
        ours_last = case((ReportRow.verdict == Verdict.GRADER_ERROR.value, 1), else_=0)
        query = (
            select(ReportRow.report)
            .where(ReportRow.submission_id == submission)
            .order_by(ours_last, ReportRow.attempt.desc())
            .limit(1)
        )
        with self._database.read() as session:
            data = session.scalar(query)
        return None if data is None else wire.from_json(Report, data, complete=False)

    def begin_dispatch(self, submission: str, attempt: int, version: str, now: datetime) -> Submission | None:
        """Raise the attempt from `attempt` by one and mark it as in the queue; None where somebody else did."""
        change = (
            _current(submission, attempt)
            .where(SubmissionRow.state != State.DONE.value)
            .values(
                attempt=attempt + 1,
                assignment_version=version,
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

    def undo_dispatch(self, submission: str, attempt: int, not_before: datetime) -> bool:
        """Take an attempt out of the queue: the sweep dispatches again, not before that moment."""
        change = _in_queue(submission, attempt).values(**_out_of_queue(not_before))
        with self._database.write() as session:
            return _changed(session, change)

    def note_stage(
        self, submission: str, attempt: int, stage: Stage, now: datetime, lease_until: datetime
    ) -> bool:
        """A worker says what it does: `running`, with a lease."""
        change = _in_queue(submission, attempt).values(
            state=State.RUNNING.value,
            stage=stage.value,
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
            faults=SubmissionRow.faults + 1, fault_detail=detail, **_out_of_queue(not_before)
        )
        with self._database.write() as session:
            return session.get_one(SubmissionRow, submission).faults if _changed(session, change) else None

    def note_slow(self, submission: str, attempt: int, now: datetime) -> bool:
        """A worker of the quick lane gave a job up as slow: out of the queue, into the other lane."""
        change = _in_queue(submission, attempt).values(lane=Lane.SLOW.value, **_out_of_queue(now))
        with self._database.write() as session:
            return _changed(session, change)

    def note_loss(self, submission: str, attempt: int, now: datetime) -> int | None:
        """A worker died over an attempt: back to the queue; how many losses now, None where it is not current."""
        change = _in_queue(submission, attempt).values(losses=SubmissionRow.losses + 1, **_out_of_queue(now))
        with self._database.write() as session:
            return session.get_one(SubmissionRow, submission).losses if _changed(session, change) else None

    def save_report(self, submission: str, attempt: int, report: Report, now: datetime) -> bool:
        """Save a report once; False where the attempt is not the current one or the submission is final.

        The first training in an assignment of a course fixes the data; OtherData where a later one used other.
        """
        claim = (
            _current(submission, attempt)
            .where(SubmissionRow.state != State.DONE.value)
            .values(state=State.DONE.value, stage=None, lease_until=None)
        )
        with self._database.write() as session:
            if not _changed(session, claim):
                return False
            row = session.get_one(SubmissionRow, submission)
            if report.provenance and report.provenance.dataset and any(p.training for p in report.parts):
                pin(session, row, report.provenance.dataset, now)
            attach(session, row, report, now)
            return True

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

    def reopen(self, submission: str, by: str, reason: str, now: datetime) -> bool:
        """Make a final submission gradable again; False where it is not final."""
        change = (
            update(SubmissionRow)
            .where(SubmissionRow.id == submission, SubmissionRow.state == State.DONE.value)
            .values(
                state=State.QUEUED.value,
                lane=Lane.QUICK.value,
                faults=0,
                losses=0,
                regraded_by=by,
                regrade_reason=reason,
                not_before=now,
                dispatched_at=None,
                started_at=None,
                done_at=None,
            )
        )
        with self._database.write() as session:
            return _changed(session, change)

    def waiting(self, now: datetime, undispatched_before: datetime) -> Sequence[Submission]:
        """Queued submissions that are in no queue and due; slow ones and those that are graded again wait for room."""
        row = SubmissionRow
        due = or_(
            row.not_before <= now, and_(row.not_before.is_(None), row.received_at < undispatched_before)
        )
        quick = row.lane == Lane.QUICK.value
        return self._queued(row.dispatched_at.is_(None), due, quick, row.regraded_by.is_(None))

    def expired(self, now: datetime) -> Sequence[Submission]:
        """Running submissions whose lease ran out."""
        query = select(SubmissionRow).where(
            SubmissionRow.state == State.RUNNING.value, SubmissionRow.lease_until < now
        )
        return self._all(query.limit(BATCH))

    def overtaken(self, started_before: datetime, margin: float) -> Sequence[Submission]:
        """Queued ones although a job dispatched more than `margin` seconds later started before that moment."""
        oldest_query = (
            select(SubmissionRow.lane, func.min(SubmissionRow.dispatched_at))
            .where(SubmissionRow.state == State.QUEUED.value, SubmissionRow.dispatched_at.is_not(None))
            .group_by(SubmissionRow.lane)
        )
        lost: list[Submission] = []
        with self._database.read() as session:
            oldest = session.execute(oldest_query).all()
        for lane, dispatched in oldest:
            newest = self._newest_started(lane, dispatched, started_before)
            if newest is not None:
                edge = newest - timedelta(seconds=margin)
                lost += self._queued(SubmissionRow.lane == lane, SubmissionRow.dispatched_at < edge)
        return lost

    def _newest_started(self, lane: str, after: datetime | None, before: datetime) -> datetime | None:
        """When the newest job of a lane was dispatched that was dispatched after one moment, started before another."""
        query = select(func.max(SubmissionRow.dispatched_at)).where(
            SubmissionRow.state.in_([State.RUNNING.value, State.DONE.value]),
            SubmissionRow.lane == lane,
            SubmissionRow.dispatched_at > after,
            SubmissionRow.started_at < before,
        )
        with self._database.read() as session:
            return session.scalar(query)

    def unfetched(self, now: datetime, patience: Patience) -> Sequence[Submission]:
        """Queued ones although a living worker has been idle for longer than patience allows."""
        alive = now - timedelta(seconds=3 * patience.heartbeat)
        idle = now - timedelta(seconds=patience.idle)
        worker = aliased(WorkerRow)
        idle_worker = exists().where(
            worker.seen_at > alive, worker.idle_since < idle, worker.queues.contains(SubmissionRow.lane)
        )
        rows = self._queued(SubmissionRow.dispatched_at < idle, idle_worker)
        return [row for row in rows if _patience_is_over(row, now, patience)]

    def unfinished(self) -> Sequence[Submission]:
        """Every submission that is in a queue or running."""
        query = select(SubmissionRow).where(
            SubmissionRow.state.in_([State.QUEUED.value, State.RUNNING.value]),
            SubmissionRow.dispatched_at.is_not(None),
        )
        return self._all(query.order_by(SubmissionRow.received_at))

    def worker_seen(self, name: str, queues: str, *, busy: bool, now: datetime) -> None:
        """A worker says that it lives, and whether it is at work."""
        with self._database.write() as session:
            row = session.get(WorkerRow, name) or WorkerRow(name=name, idle_since=None)
            row.queues, row.seen_at = queues, now
            row.idle_since = None if busy else (row.idle_since or now)
            session.add(row)

    def _queued(self, *conditions: Any) -> Sequence[Submission]:
        query = select(SubmissionRow).where(SubmissionRow.state == State.QUEUED.value, *conditions)
        return self._all(query.order_by(SubmissionRow.received_at).limit(BATCH))

    def _all(self, query: Any) -> Sequence[Submission]:
        with self._database.read() as session:
            return [to_submission(row) for row in session.scalars(query)]


def _patience_is_over(row: Submission, now: datetime, patience: Patience) -> bool:
    """Each time the same submission was lost it waits twice as long, so that a deaf worker cannot make a flood."""
    wait = patience.idle * 2 ** min(row.attempt - 1, 5)
    return row.dispatched_at is not None and row.dispatched_at < now - timedelta(seconds=wait)


def _by_key(session: Session, new: NewSubmission) -> SubmissionRow | None:
    if new.upload.idempotency_key is None:
        return None
    query = select(SubmissionRow).where(
        SubmissionRow.student_id == new.upload.student,
        SubmissionRow.idempotency_key == new.upload.idempotency_key,
    )
    return session.scalar(query)


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
    result = session.execute(change.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount == 1
