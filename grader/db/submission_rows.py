"""A submission as a row, and a row as the services see it."""

from __future__ import annotations

from grader.db.tables import SubmissionRow
from grader.db.upload_keys import kept_key
from grader.domain.report import Verdict
from grader.domain.submission import Lack, Lane, Stage, State
from grader.services.ports import NewSubmission, Origin, Submission


def new_row(new: NewSubmission) -> SubmissionRow:
    """The row of an upload, in line and in no queue yet."""
    upload, key = new.upload, new.upload.idempotency_key
    return SubmissionRow(
        student_id=upload.student,
        course_id=upload.course,
        assignment=upload.assignment,
        assignment_version=new.assignment_version,
        source=new.source,
        file_name=upload.file_name[:255],
        origin=upload.origin.value,
        language=upload.language,
        external=dict(upload.external),
        idempotency_key=None if key is None else kept_key(upload.origin, key),
        content_sha256=upload.content_sha256,
        received_at=new.received_at,
        waiting_since=new.received_at,
        state=State.QUEUED.value,
        lane=Lane.QUICK.value,
        attempt=0,
        faults=0,
        losses=0,
    )


def what_differs(row: SubmissionRow, new: NewSubmission) -> str | None:
    """What tells an upload from one that was saved under its key: `course`, `assignment` or `content`; None for a repetition."""
    upload = new.upload
    if row.course_id != upload.course:
        return "course"
    if row.assignment != upload.assignment:
        return "assignment"
    if row.content_sha256 is None:  # from before the bytes were known
        return None if row.source == new.source else "content"
    return None if row.content_sha256 == upload.content_sha256 else "content"


def to_submission(row: SubmissionRow) -> Submission:
    """A row as the services see it."""
    return Submission(
        id=row.id,
        student=row.student_id,
        course=row.course_id,
        assignment=row.assignment,
        assignment_version=row.assignment_version,
        source=row.source,
        file_name=row.file_name,
        origin=Origin(row.origin),
        language=row.language,
        external=row.external,
        received_at=row.received_at,
        state=State(row.state),
        stage=None if row.stage is None else Stage(row.stage),
        attempt=row.attempt,
        faults=row.faults,
        losses=row.losses,
        dispatched_at=row.dispatched_at,
        started_at=row.started_at,
        lease_until=row.lease_until,
        done_at=row.done_at,
        verdict=None if row.verdict is None else Verdict(row.verdict),
        score=row.score,
        max_score=row.max_score,
        lane=Lane(row.lane),
        is_regrade=row.regraded_by is not None,
        worker=row.worker,
        waits_for=None if row.waits_for is None else Lack(row.waits_for),
        fault_detail=row.fault_detail or "",
        erased_at=row.erased_at,
    )
