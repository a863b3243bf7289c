"""What the networks of a class learned, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from statistics import median

from sqlalchemy import select

from grader.db.kept import History, history_of
from grader.db.session import Database
from grader.db.tables import ReportRow, SubmissionRow
from grader.domain.report import Verdict

FEWEST_STUDENTS = 5
MOST_STUDENTS = 200
_NEWEST = 1000
_TRAINED = (Verdict.PASSED.value, Verdict.FAILED.value)

Curves = Mapping[str, tuple[float, ...]]


class ClassCurves:
    """Medians over a course's students, one network each: the newest that was trained."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def median(self, course: str, assignment: str, part: str) -> Curves:
        """The median of each metric in each epoch; empty while fewer than five students have one to show."""
        histories = list(self._histories(course, assignment, part).values())
        if len(histories) < FEWEST_STUDENTS:
            return {}
        names = {name for history in histories for name in history}
        return {name: _median([history[name] for history in histories if name in history]) for name in names}

    def _histories(self, course: str, assignment: str, part: str) -> dict[str, History]:
        query = (
            select(SubmissionRow.student_id, ReportRow.report)
            .join(ReportRow, ReportRow.submission_id == SubmissionRow.id)
            .where(SubmissionRow.course_id == course, SubmissionRow.assignment == assignment)
            .where(ReportRow.verdict.in_(_TRAINED))
            .order_by(SubmissionRow.received_at.desc(), ReportRow.attempt.desc())
            .limit(_NEWEST)
        )
        found: dict[str, History] = {}
        with self._database.read() as session:
            for student, report in session.execute(query):
                if len(found) == MOST_STUDENTS:
                    break
                history = {} if student in found else history_of(report, part)
                if history:
                    found[student] = history
        return found


def _median(curves: Sequence[Sequence[float | None]]) -> tuple[float, ...]:
    """Epoch by epoch over those that got so far with a finite number."""
    columns = ([value for value in column if value is not None] for column in zip_longest(*curves))
    return tuple(median(column) for column in columns if column)
