"""A class's misconceptions: submissions grouped by their first cause, and the hints that staff wrote for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from grader.db.cause_tables import CauseHintRow
from grader.db.kept import feedback_of
from grader.db.session import Database
from grader.db.tables import SubmissionRow, UserRow
from grader.domain.message import Message
from grader.domain.report import Verdict

LONGEST_HINT = 1000


@dataclass(frozen=True)
class Hint:
    """What staff say about one cause."""

    text: str
    written_by: str
    written_at: datetime


@dataclass(frozen=True)
class Misconception:
    """One first cause in one assignment.

    `students` met it at least once, `stuck` of them have not passed so far; `example` is how the newest of the
    `submissions` was told.
    """

    assignment: str
    cause: str
    students: int
    stuck: int
    submissions: int
    newest: str
    example: tuple[Message, ...]
    hint: Hint | None


class CauseRows:
    """Groups and hints on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def misconceptions(self, course: str, assignment: str | None = None) -> Sequence[Misconception]:
        """What stopped a course's students, the most frequent first."""
        row = SubmissionRow
        met = [row.course_id == course, row.cause.is_not(None)]
        if assignment is not None:
            met.append(row.assignment == assignment)
        passed = (
            select(row.assignment, row.student_id)
            .where(row.course_id == course, row.verdict == Verdict.PASSED.value)
            .distinct()
            .subquery()
        )
        same = (passed.c.assignment == row.assignment) & (passed.c.student_id == row.student_id)
        groups = (
            select(
                row.assignment,
                row.cause,
                func.count(row.student_id.distinct()),
                func.count(passed.c.student_id.distinct()),
                func.count(),
                func.max(row.id),
            )
            .outerjoin(passed, same)
            .where(*met)
            .group_by(row.assignment, row.cause)
        )
        with self._database.read() as session:
            found = session.execute(groups).all()
            newest = select(row.id, row.first_feedback).where(row.id.in_([group[5] for group in found]))
            told = {each.id: each.first_feedback for each in session.execute(newest)}
            hints = _hints(session, course)
        return sorted(
            (_misconception(group, told, hints) for group in found),
            key=lambda each: (-each.students, -each.submissions, each.assignment, each.cause),
        )

    def hint_for(self, submission: str) -> str | None:
        """What staff say to whoever was stopped by what stopped this submission."""
        row, hint = SubmissionRow, CauseHintRow
        same = (
            (hint.course_id == row.course_id)
            & (hint.assignment == row.assignment)
            & (hint.cause == row.cause)
        )
        with self._database.read() as session:
            return session.scalar(select(hint.text).join(row, same).where(row.id == submission))

    def write_hint(self, course: str, assignment: str, cause: str, text: str, by: str, now: datetime) -> bool:
        """Say this to everybody who meets it from now on; an empty text takes the hint back. False: nobody met it."""
        row = SubmissionRow
        key = (course, assignment, cause)
        met = select(row.id).where(row.course_id == course, row.assignment == assignment, row.cause == cause)
        with self._database.write() as session:
            if session.scalar(met.limit(1)) is None:
                return False
            known = session.get(CauseHintRow, key)
            if not text.strip():
                if known is not None:
                    session.delete(known)
                return True
            values = {"text": text.strip()[:LONGEST_HINT], "written_by": by, "written_at": now}
            if known is None:
                session.add(CauseHintRow(course_id=course, assignment=assignment, cause=cause, **values))
            else:
                for name, value in values.items():
                    setattr(known, name, value)
        return True


def _hints(session: Any, course: str) -> dict[tuple[str, str], Hint]:
    query = (
        select(CauseHintRow, UserRow.display_name)
        .join(UserRow, UserRow.id == CauseHintRow.written_by)
        .where(CauseHintRow.course_id == course)
    )
    return {
        (row.assignment, row.cause): Hint(row.text, name, row.written_at)
        for row, name in session.execute(query)
    }


def _misconception(
    group: Any, told: dict[str, str | None], hints: dict[tuple[str, str], Hint]
) -> Misconception:
    assignment, cause, students, passed, submissions, newest = group
    return Misconception(
        assignment=assignment,
        cause=cause,
        students=students,
        stuck=students - passed,
        submissions=submissions,
        newest=newest,
        example=feedback_of(told.get(newest), newest),
        hint=hints.get((assignment, cause)),
    )
