"""Many submissions in a database: one course, its students, reports as large as real ones (four are, out of the pipeline)."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from grader import wire
from grader.db.columns import new_id, utc_now
from grader.db.session import Database
from grader.db.tables import MemberRow, ReportRow, SubmissionRow, UserRow
from grader.domain.course import CountingRule, Role
from grader.domain.report import Report
from grader.services.courses import create_course
from grader.wiring import Wiring
from tests.bench import sources

REPORTS = Path(__file__).with_name("reports.json")
WEIGHTS = (60, 15, 10, 15)
"""How often each of the reports comes."""

TRIES = 100  # of each student: twenty exercises, five times each
EXERCISES = (
    "traffic-dense",
    "traffic-conv",
    "traffic-pool",
    "traffic-dropout",
    "traffic-test",
    "happy-house",
)
BATCH = 2000
NAMES = ("Ada", "Bo", "Chidi", "Dana", "Emre", "Fatima", "Gus", "Hana", "Ines", "Jun")
SURNAMES = ("Ahmed", "Berg", "Costa", "Dietrich", "Evans", "Fischer", "Garcia", "Huang", "Ivanova", "Jansen")
PASSWORD = "bench-bench-bench"
TA = "ta@example.edu"


@dataclass(frozen=True)
class Semester:
    """What the questions need to know."""

    token: str
    submissions: tuple[str, ...]


def reports() -> list[Report]:
    """Real ones: a pass, a wrong layer, a network that learns nothing, a syntax error."""
    told = json.loads(REPORTS.read_text("utf-8"))
    return [wire.from_json(Report, each, complete=False) for each in told]


def fill(parts: Wiring, count: int) -> Semester:
    """Put them in; all handed in within the last hundred days, and the database knows its statistics."""
    chance = random.Random(sources.SEED)
    course = create_course(parts.courses, "bench", "Deep learning", CountingRule.BEST, EXERCISES).id
    ta = parts.accounts.create(TA, "Tom Assistant", password=PASSWORD)
    parts.courses.set_role(course, ta.id, Role.TA)
    students = list(_people(parts.database, course, max(10, count // TRIES)))
    found: list[str] = []
    drawn = list(_drawn(chance, course, students, count))
    for start in range(0, count, BATCH):
        batch = drawn[start : start + BATCH]
        with parts.database.write() as session:
            session.execute(insert(SubmissionRow), [submission for submission, _ in batch])
            session.execute(insert(ReportRow), [report for _, report in batch])
        found += [submission["id"] for submission, _ in batch]
    with parts.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return Semester(parts.accounts.issue_token(ta.id, "bench", utc_now())[0], tuple(found))


def _people(database: Database, course: str, count: int) -> Iterator[str]:
    people = [
        {
            "id": new_id(),
            "email": f"student-{number}@example.edu",
            "display_name": f"{NAMES[number % 10]} {SURNAMES[number // 10 % 10]} {number}",
            "created_at": utc_now(),
        }
        for number in range(count)
    ]
    members = [
        {"course_id": course, "user_id": each["id"], "role": "student", "joined_at": utc_now()}
        for each in people
    ]
    with database.write() as session:
        session.execute(insert(UserRow), people)
        session.execute(insert(MemberRow), members)
    return iter([str(each["id"]) for each in people])


def _drawn(
    chance: random.Random, course: str, students: list[str], count: int
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Rows of both tables."""
    kinds = reports()
    bodies = [wire.to_json(report) for report in kinds]
    firsts = [wire.dumps(report.feedback[:2]).decode() for report in kinds]
    version, source = kinds[0].assignment_version, sources.right(0)
    begin = utc_now() - timedelta(days=100)
    for number in range(count):
        (kind,) = chance.choices(range(len(kinds)), WEIGHTS)
        at = begin + timedelta(days=100) * (number / count)
        verdict = _verdict(kinds[kind], firsts[kind])
        submission = {
            "id": new_id(),
            "student_id": chance.choice(students),
            "course_id": course,
            "assignment": chance.choice(EXERCISES),
            "assignment_version": version,
            "source": source,
            "file_name": f"solution_{number % 7}.py",
            "origin": "web",
            "language": "en",
            "external": {},
        }
        submission |= _history(at) | verdict
        report = {"id": new_id(), "submission_id": submission["id"], "attempt": 1, "report": bodies[kind]}
        yield submission, report | verdict | {"created_at": submission["done_at"]}


def _verdict(report: Report, first: str) -> dict[str, Any]:
    return {
        "verdict": report.verdict.value,
        "reason": None if report.reason is None else report.reason.value,
        "score": report.score,
        "max_score": report.max_score,
        "first_feedback": first,
    }


def _history(at: datetime) -> dict[str, Any]:
    return {
        "received_at": at,
        "state": "done",
        "lane": "grading",
        "attempt": 1,
        "faults": 0,
        "losses": 0,
        "dispatched_at": at,
        "started_at": at + timedelta(seconds=1),
        "done_at": at + timedelta(seconds=2),
    }
