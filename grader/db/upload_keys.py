"""The keys that make an upload idempotent, each within its own door: nobody's key can meet one that another door has made.

A form's key and an LMS's are made by us and begin with the door's name. What a client of the API sends as its key is
anybody's text: it is kept as a hash behind the name of its door. Releases before this kept it as it was sent; such
a row is found for a repetition until its key is forgotten (`retention.py`), and loses a name that is another door's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.db.tables import SubmissionRow
from grader.services.ports import NewSubmission, Origin

_DOORS = {Origin.WEB: "web", Origin.LMS: "lms", Origin.API: "api", Origin.CLI: "api"}
"""`grader submit` and other clients of the API send the same header; which of them it was, they say themselves."""


def kept_key(origin: Origin, key: str) -> str:
    """A key as its row has it: of at most 255 characters, and no other door's."""
    door = _DOORS[origin]
    if origin in (Origin.WEB, Origin.LMS) and key.startswith(f"{door}:"):
        return key
    return f"{door}:{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}"


def by_key(session: Session, new: NewSubmission) -> SubmissionRow | None:
    """What this person handed in through this door under this key; None without a key."""
    mine = [row for row in _namesakes(session, new) if _is_of_the_door(row, new)]
    return next(iter(mine), None)


def make_way(session: Session, new: NewSubmission) -> None:
    """Give what an older release kept under a key of this door a name of its own door."""
    for row in _namesakes(session, new):
        if not _is_of_the_door(row, new):
            row.idempotency_key = kept_key(Origin(row.origin), row.idempotency_key or "")
    session.flush()


def _namesakes(session: Session, new: NewSubmission) -> Sequence[SubmissionRow]:
    key = new.upload.idempotency_key
    if key is None:
        return ()
    names = {key, kept_key(new.upload.origin, key)}
    row = SubmissionRow
    query = select(row).where(row.student_id == new.upload.student, row.idempotency_key.in_(names))
    return session.scalars(query).all()


def _is_of_the_door(row: SubmissionRow, new: NewSubmission) -> bool:
    return _DOORS[Origin(row.origin)] == _DOORS[new.upload.origin]
