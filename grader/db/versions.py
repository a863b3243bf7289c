"""What each version of an assignment was worth: its code lives in a folder or a release, its points are kept from first sight."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from grader.db.session import Database
from grader.db.tables import AssignmentVersionRow
from grader.services.ports import AssignmentShelf


def keep_versions(database: Database, shelf: AssignmentShelf, now: datetime) -> None:
    """Write down every version on the shelf that nobody has seen yet."""
    with database.read() as session:
        known = select(AssignmentVersionRow.slug, AssignmentVersionRow.version)
        seen = {(slug, version) for slug, version in session.execute(known)}
    for slug, assignment in shelf.assignments.items():
        if (slug, assignment.version) in seen:
            continue
        row = AssignmentVersionRow(
            slug=slug,
            version=assignment.version,
            max_score=shelf.max_score(slug),
            checks=dict(shelf.points(slug)),
            first_seen=now,
        )
        try:
            with database.write() as session:
                session.add(row)
        except IntegrityError:  # another process of ours was quicker
            continue


def max_score(database: Database, slug: str, version: str) -> float | None:
    """The points of a version when it was first seen; None where nobody saw it."""
    with database.read() as session:
        row = session.get(AssignmentVersionRow, (slug, version))
        return None if row is None else row.max_score


def points(database: Database, slug: str, version: str) -> Mapping[str, float] | None:
    """The points of each check of a version when it was first seen, by `part/id`; None where nobody saw it."""
    with database.read() as session:
        row = session.get(AssignmentVersionRow, (slug, version))
        return None if row is None else dict(row.checks)
