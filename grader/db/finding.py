"""Which submissions a list shows, in which order: the ids of one page and how many there are.

A page is found by ids alone, so that an index answers and nothing wide is read before it is shown; a course may have a
hundred thousand submissions. Two orders of things make that hard, and are put otherwise here: databases disagree where
missing values come, so these are asked for apart; and a search in names of people and of files becomes a search among
the few people and the few different names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from grader.db.tables import MemberRow, SubmissionRow, UserRow

PAGE_SIZE = 50
STAFF = ("ta", "teacher")
FEW = 500

SORTS: Mapping[str, Any] = {
    "received": SubmissionRow.received_at,
    "student": UserRow.display_name,
    "assignment": SubmissionRow.assignment,
    "verdict": SubmissionRow.verdict,
    "score": SubmissionRow.score,
    "state": SubmissionRow.state,
}


@dataclass(frozen=True)
class Filter:
    """What a list shows; `viewer` None means no restriction, `sort` is a key of SORTS, with `-` for descending."""

    viewer: str | None = None
    course: str | None = None
    assignment: str | None = None
    verdict: str | None = None
    state: str | None = None
    cause: str | None = None
    student: str | None = None
    search: str = ""
    sort: str = "-received"
    page: int = 1
    page_size: int = PAGE_SIZE


def page(session: Session, wanted: Filter, size: int, offset: int) -> tuple[int, Sequence[str]]:
    """How many match, and the ids of one page; what has no value to sort by comes last in either direction."""
    column = SORTS.get(wanted.sort.removeprefix("-"), SubmissionRow.received_at)
    matching = _matching(session, wanted)
    query = matching
    if column is UserRow.display_name:
        query = query.join(UserRow, UserRow.id == SubmissionRow.student_id)
    if wanted.search.strip():
        return _counted_on_the_way(session, query, (column, wanted.sort), size, offset)
    total = _count(session, matching)
    if not column.expression.nullable:
        return total, _ids(session, _sorted(query, column, wanted.sort), size, offset)
    valued, empty = query.where(column.is_not(None)), query.where(column.is_(None))
    ids = _ids(session, _sorted(valued, column, wanted.sort), size, offset)
    if len(ids) < size:
        before = max(0, offset - _count(session, valued))
        ids += _ids(session, _sorted(empty, column, wanted.sort), size - len(ids), before)
    return total, ids


def every(session: Session, wanted: Filter) -> Sequence[str]:
    """All that match, oldest first."""
    return list(session.scalars(_matching(session, wanted).order_by(SubmissionRow.received_at)))


def _sorted(query: Select[Any], column: Any, sort: str) -> Select[Any]:
    if sort.startswith("-"):
        return query.order_by(column.desc(), SubmissionRow.id.desc())
    return query.order_by(column.asc(), SubmissionRow.id.asc())


def _ids(session: Session, query: Select[Any], size: int, offset: int) -> list[str]:
    return list(session.scalars(query.limit(size).offset(offset)))


def _count(session: Session, query: Select[Any]) -> int:
    return session.scalar(query.with_only_columns(func.count(), maintain_column_froms=True)) or 0


def _counted_on_the_way(
    session: Session, query: Select[Any], order: tuple[Any, str], size: int, offset: int
) -> tuple[int, Sequence[str]]:
    """Searching is the dear part, so it is done once; only beyond the last page nobody is there to tell the count."""
    column, sort = order
    ordered = _sorted(query.order_by(column.is_(None)), column, sort)
    rows = session.execute(ordered.add_columns(func.count().over()).limit(size).offset(offset)).all()
    return (rows[0][1] if rows else _count(session, query)), [row[0] for row in rows]


def _matching(session: Session, wanted: Filter) -> Select[Any]:
    """Ids, in no order."""
    whose = [] if wanted.course is None else [SubmissionRow.course_id == wanted.course]
    if wanted.viewer is not None:
        whose += _visible(session, wanted.viewer, wanted.course)
    exact = {
        SubmissionRow.assignment: wanted.assignment,
        SubmissionRow.verdict: wanted.verdict,
        SubmissionRow.state: wanted.state,
        SubmissionRow.cause: wanted.cause,
        SubmissionRow.student_id: wanted.student,
    }
    conditions = [*whose, *(column == value for column, value in exact.items() if value)]
    if words := wanted.search.strip():
        conditions.append(_named(session, words, whose))
    return select(SubmissionRow.id).where(*conditions)


def _visible(session: Session, viewer: str, course: str | None) -> list[ColumnElement[bool]]:
    """One's own and the courses that one is staff of; no more is asked than this viewer makes necessary."""
    row = SubmissionRow
    member = MemberRow.user_id == viewer
    staffed = list(session.scalars(select(MemberRow.course_id).where(member, MemberRow.role.in_(STAFF))))
    if course is not None:
        return [] if course in staffed else [row.student_id == viewer]
    if not staffed:
        return [row.student_id == viewer]
    in_staffed = row.course_id == staffed[0] if len(staffed) == 1 else row.course_id.in_(staffed)
    elsewhere = select(row.id).where(row.student_id == viewer, row.course_id.not_in(staffed)).limit(1)
    if session.scalar(elsewhere) is None:
        return [in_staffed]
    return [or_(row.student_id == viewer, in_staffed)]


def _named(session: Session, words: str, whose: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Submissions whose student or file has these words in its name, and the one with this id.

    Thousands of files have a handful of names; without MATERIALIZED, PostgreSQL would look at the thousands.
    """
    people = select(UserRow.id).where(
        or_(
            UserRow.display_name.icontains(words, autoescape=True),
            UserRow.email.icontains(words, autoescape=True),
        )
    )
    names = select(SubmissionRow.file_name).where(*whose).distinct().cte()
    different = names.prefix_with("MATERIALIZED", dialect="postgresql")
    files = select(different.c.file_name).where(different.c.file_name.icontains(words, autoescape=True))
    return or_(
        _among(session, SubmissionRow.student_id, people),
        _among(session, SubmissionRow.file_name, files),
        SubmissionRow.id == words.upper(),
    )


def _among(session: Session, column: Any, values: Select[Any]) -> ColumnElement[bool]:
    """Few values are asked for first: a database that sees them knows which index to take."""
    found = list(session.scalars(values.limit(FEW + 1)))
    among: ColumnElement[bool] = column.in_(found if len(found) <= FEW else values)
    return among
