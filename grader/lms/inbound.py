"""Messages from an LMS: proven, not seen before, read, and turned into a submission."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from grader.lms import signature
from grader.lms.attempts import next_attempt, other_assignment, other_content, repeated
from grader.lms.payload import Created, FieldError, read_created, read_event
from grader.services.course_ports import CourseStore
from grader.services.dispatch import Dispatcher
from grader.services.ports import KeyInUse, Origin, Submission, Upload
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
        digest = hashlib.sha256(body).hexdigest()
        seen = self.store.received(source.id, message_id)
        if seen is not None:
            return _seen(seen, digest)
        kind, event = read_event(body)
        if kind != CREATED:
            self.store.note_received(Received(source.id, message_id, kind, digest))
            return _answer("ignored", None)
        created = read_created(event, now)
        submission, attempt = self._taken(source, created, now)
        external = None if attempt is None else (created.submission, attempt)
        self.store.note_received(Received(source.id, message_id, kind, digest, submission, external))
        return _answer("accepted" if external else "already received", submission)

    def _proven(
        self, name: str, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> tuple[Source, str]:
        source = self.store.source(name, now)
        known = source is not None and source.enabled
        secrets = source.secrets if source is not None and known else (_NOBODY,)
        message_id = signature.verify(secrets, headers, body, now)
        assert source is not None, "nobody knows the secret of nobody"
        return source, message_id

    def _taken(self, source: Source, created: Created, now: datetime) -> tuple[str, int | None]:
        """Our submission, and which attempt this message brought; None where it brought nothing new."""
        earlier = self.store.handed_in(source.id, created.submission, created.user)
        meant = self.store.assignment_for(source.id, created.assignment) or created.assignment
        known = repeated(created, meant, earlier)
        if known is not None:
            return known.submission, None
        upload = Upload(
            course=source.course,
            assignment=self._on_the_list(source, meant),
            student=self.store.student_for(source, created.user, created.user_name),
            data=created.data,
            file_name=created.file_name,
            is_text=created.is_text,
            origin=Origin.LMS,
        )
        attempt = next_attempt(created, earlier)
        while True:
            saved = self._hand_in(source, created, upload, attempt, now)
            if saved is not None:
                return saved.id, attempt
            attempt += 1

    def _hand_in(
        self, source: Source, created: Created, upload: Upload, attempt: int, now: datetime
    ) -> Submission | None:
        """One attempt saved; None where its number is somebody else's.

        That one was saved at this very moment, after we had looked.
        """
        numbered = replace(
            upload,
            external=created.external(source.name, attempt),
            idempotency_key=_key(source, (created.submission, attempt)),
        )
        try:
            saved = submit(numbered, self.dispatcher, now)
        except KeyInUse as error:
            if error.field != "content":
                raise other_assignment() from None
            if created.attempt is not None:
                raise other_content(created) from None
            return None
        is_older = datetime.fromisoformat(saved.external["submitted_at"]) < created.submitted_at
        return None if created.attempt is None and is_older else saved

    def _on_the_list(self, source: Source, slug: str) -> str:
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


def _seen(seen: Received, digest: str) -> dict[str, Any]:
    """The answer to a message whose id was accepted before; an id stands for one body."""
    if seen.body_sha256 != digest:
        raise FieldError("webhook-id", "was used for another message; every message has its own")
    return _answer("already received", seen.submission)


def _answer(status: str, submission: str | None) -> dict[str, Any]:
    return {"status": status} | ({} if submission is None else {"submission_id": submission})
