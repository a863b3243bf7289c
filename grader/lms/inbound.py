"""Messages from an LMS: proven, not seen before, read, and turned into a submission."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from grader.lms import signature
from grader.lms.payload import Created, FieldError, read_created, read_event
from grader.services.course_ports import CourseStore
from grader.services.dispatch import Dispatcher
from grader.services.ports import Origin, Upload
from grader.services.submit import submit
from grader.services.webhook_ports import InboundStore, Received, Source

CREATED = "submission.created"
LARGEST_BODY = 1024 * 1024
_NOBODY = signature.make_secret()


@dataclass(frozen=True)
class Inbox:
    """Takes messages of every source."""

    store: InboundStore
    courses: CourseStore
    dispatcher: Dispatcher

    def receive(self, name: str, headers: Mapping[str, str], body: bytes, now: datetime) -> dict[str, Any]:
        """What to answer with 202. SignatureRefused also for an unknown source; FieldError for a bad message."""
        source, message_id = self._proven(name, headers, body, now)
        seen, submission = self.store.received(source.id, message_id)
        if seen:
            return _answer("already received", submission)
        kind, event = read_event(body)
        created = read_created(event) if kind == CREATED else None
        submission, fresh = (None, False) if created is None else self._submission(source, created, now)
        external = (created.submission, created.attempt) if created is not None and fresh else None
        digest = hashlib.sha256(body).hexdigest()
        self.store.note_received(Received(source.id, message_id, kind, digest, submission, external))
        if created is None:
            return _answer("ignored", None)
        return _answer("accepted" if fresh else "already received", submission)

    def _proven(
        self, name: str, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> tuple[Source, str]:
        source = self.store.source(name, now)
        known = source is not None and source.enabled
        secrets = source.secrets if source is not None and known else (_NOBODY,)
        message_id = signature.verify(secrets, headers, body, now)
        assert source is not None, "nobody knows the secret of nobody"
        return source, message_id

    def _submission(self, source: Source, created: Created, now: datetime) -> tuple[str, bool]:
        """Our submission, and whether this message brought it."""
        external = (created.submission, created.attempt)
        known = self.store.submission_for(source.id, external)
        if known is not None:
            return known, False
        upload = Upload(
            course=source.course,
            assignment=self._assignment(source, created.assignment),
            student=self.store.student_for(source, created.user, created.user_name),
            data=created.data,
            file_name=created.file_name,
            origin=Origin.LMS,
            external=created.external(source.name),
            idempotency_key=_key(source, external),
        )
        return submit(upload, self.dispatcher, now).id, True

    def _assignment(self, source: Source, external_id: str) -> str:
        slug = self.store.assignment_for(source.id, external_id) or external_id
        if (
            slug not in self.courses.assignments(source.course)
            or slug not in self.dispatcher.shelf.assignments
        ):
            raise FieldError("data.assignment_id", "is no assignment of this course, nor mapped to one")
        return slug


def _key(source: Source, external: tuple[str, int]) -> str:
    """One key of fixed length for each submission of each source; ids may be long."""
    digest = hashlib.sha256(f"{external[1]}:{external[0]}".encode()).hexdigest()
    return f"lms:{source.id}:{digest}"


def _answer(status: str, submission: str | None) -> dict[str, Any]:
    return {"status": status} | ({} if submission is None else {"submission_id": submission})
