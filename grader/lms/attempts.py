"""Whether a hand-in was taken before, and which attempt it is where it was not."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from grader.lms.payload import Created, FieldError
from grader.services.webhook_ports import HandedIn


def repeated(created: Created, meant: str, earlier: Sequence[HandedIn]) -> HandedIn | None:
    """The attempt that this message repeats, None for a new one. `meant` is our name for the assignment it speaks of.

    `earlier` is what came under its submission id, the newest first. FieldError where one of the fields contradicts it:
    an LMS's submission belongs to one person and one assignment, and an attempt that has a number never changes.
    """
    if not earlier:
        return None
    if created.attempt is None:
        _same_owner(created, meant, earlier[0])
        return next((one for one in earlier if _says_again(created, one)), None)
    numbered = next((one for one in earlier if one.attempt == created.attempt), None)
    _same_owner(created, meant, numbered or earlier[0])
    if numbered is not None and numbered.content_sha256 != content_sha256(created):
        raise other_content(created)
    return numbered


def next_attempt(created: Created, earlier: Sequence[HandedIn]) -> int:
    """The number that a new attempt has: its own, or the one after the last."""
    if created.attempt is not None:
        return created.attempt
    return earlier[0].attempt + 1 if earlier else 1


def other_content(created: Created) -> FieldError:
    """What is said of an attempt that came before with another content."""
    said = f"attempt {created.attempt} of this submission came before with another content"
    return FieldError(created.content_field, f"{said}; send a new one with the next attempt, or without one")


def other_assignment() -> FieldError:
    """What is said of a submission that came before for another assignment."""
    return FieldError("data.assignment_id", "this submission_id came before for another assignment")


def content_sha256(created: Created) -> str:
    """What tells the bytes handed in from all others."""
    return hashlib.sha256(created.data).hexdigest()


def _says_again(created: Created, one: HandedIn) -> bool:
    """The same content, and not handed in once more since."""
    return one.content_sha256 == content_sha256(created) and created.submitted_at <= one.submitted_at


def _same_owner(created: Created, meant: str, one: HandedIn) -> None:
    if one.user != created.user:
        raise FieldError("data.user.id", "this submission_id came before for another user")
    if created.assignment != one.assignment and meant != one.slug:
        raise other_assignment()
