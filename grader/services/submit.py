"""Take what somebody handed in: read the bytes, save the submission, put it in line."""

from __future__ import annotations

from datetime import datetime

from grader.domain.errors import StudentError
from grader.domain.report import Report
from grader.services.apart import Readers
from grader.services.dispatch import Dispatcher
from grader.services.ports import NewSubmission, Submission, Upload

READERS = Readers()
"""Of this process."""


class UnknownAssignment(LookupError):
    """No assignment of that name is on the shelf."""


def submit(upload: Upload, dispatcher: Dispatcher, now: datetime) -> Submission:
    """Save and enqueue one upload; bytes that are no source are saved with a report instead. Keys make it idempotent.

    KeyInUse where the key stands for another upload; TooManyWaiting where enough of this student is in line; ReaderAway where
    a large file could not be read now.
    """
    assignment = dispatcher.shelf.assignments.get(upload.assignment)
    if assignment is None:
        raise UnknownAssignment(upload.assignment)
    try:
        source = READERS.read(upload.data, upload.file_name, is_text=upload.is_text)
    except StudentError as error:
        new = NewSubmission(upload, assignment.version, "", now)
        max_score = dispatcher.shelf.max_score(assignment.slug)
        return dispatcher.store.add(
            new, Report.invalid(assignment.slug, assignment.version, max_score, error)
        )
    saved = dispatcher.store.add(NewSubmission(upload, assignment.version, source, now), None)
    if saved.attempt == 0:
        dispatcher.dispatch(saved, now)
    return dispatcher.store.get(saved.id) or saved
