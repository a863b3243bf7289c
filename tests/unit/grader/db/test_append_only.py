"""Reports and audits stay as they were written, whoever asks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import IntegrityError

from grader.db.erased_triggers import WAYS_IN
from grader.db.guard_tables import APPEND_ONLY, CourseChangeRow
from grader.db.tables import Base, GradeChangeRow, ReportRow
from grader.domain.course import Role
from grader.domain.report import DatasetStamp, PartReport, Provenance, Report, Verdict
from grader.domain.training import PlanName, SeededRun, TrainingRun
from grader.services.regrade import regrade

School = Any


@pytest.fixture
def written(school: School, make_report: Any, now: datetime) -> School:
    """One submission, graded twice, and a TA who became a teacher."""
    submission = school.hand_in()
    school.grade(submission, make_report(Verdict.FAILED, 3.0))
    regrade(submission.id, school.ids["tess"], "a better grader", school.parts.dispatcher, now)
    school.grade(submission, make_report())
    school.parts.courses.set_role(school.course, school.ids["tess"], Role.TEACHER)
    school.parts.erasures.forget(school.ids["otto"], "root", "asked for it", now)
    return school


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_nothing_is_changed_or_deleted(written: School, table: str, statement: str) -> None:
    count = text(f"SELECT count(*) FROM {table}")
    with written.parts.database.read() as session:
        before = session.scalar(count)
    assert before
    with pytest.raises(IntegrityError, match="append-only"), written.parts.database.write() as session:
        session.execute(text(statement.format(table)))
    with written.parts.database.read() as session:
        assert session.scalar(count) == before


@pytest.mark.parametrize("row", [ReportRow, GradeChangeRow, CourseChangeRow])
def test_our_own_models_cannot_either(written: School, row: type[Base]) -> None:
    for statement in (delete(row), update(row).values(id="x")):
        with pytest.raises(IntegrityError), written.parts.database.write() as session:
            session.execute(statement)


def test_a_regrade_leaves_who_when_why_and_both_grades(written: School) -> None:
    (item,) = written.parts.queries.submissions(_all()).items
    (change,) = written.parts.queries.changes(item.id)
    assert (change.changed_by, change.action, change.reason) == ("Tess", "regrade", "a better grader")
    assert change.old == {"verdict": "failed", "score": 3.0}
    assert change.new == {"verdict": "passed", "score": 10.0}
    assert [report.attempt for report in written.parts.queries.reports(item.id)] == [2, 1]


def test_a_fault_of_ours_leaves_its_row_and_the_grade_alone(
    school: School, make_report: Any, now: datetime
) -> None:
    submission = school.hand_in()
    school.grade(submission, make_report())
    regrade(submission.id, school.ids["tess"], "again", school.parts.dispatcher, now)
    school.grade(submission, Report.fault("dense", "sha256:dense", 10.0))
    (change,) = school.parts.queries.changes(submission.id)
    assert change.action == "regrade failed"
    assert change.old == change.new == {"verdict": "passed", "score": 10.0}
    assert school.parts.store.get(submission.id).score == 10.0


def test_releasing_data_choosing_a_plan_and_roles_are_written_down(
    school: School, make_report: Any, now: datetime
) -> None:
    from dataclasses import replace

    used = Provenance("0", "3", "2", "bubblewrap", DatasetStamp("digits", "real", "sha256:1"))
    run = TrainingRun((SeededRun(0, 1, {"loss": (0.5,)}),))
    report = replace(make_report(), provenance=used, parts=(PartReport("m", "f", training=run),))
    school.grade(school.hand_in(), report)
    courses, course = school.parts.courses, school.course
    before = len(courses.changes(course))
    assert courses.release_data(course, "dense")
    assert not courses.release_data(course, "dense")
    courses.set_plan(course, "dense", PlanName.DOCUMENT)
    courses.set_plan(course, "dense", PlanName.DOCUMENT)
    courses.set_role(course, school.ids["ada"], Role.TA)
    role, plan, data = courses.changes(course)[: len(courses.changes(course)) - before]
    assert (data.action, data.subject, data.old, data.new) == (
        "data released", "dense", {"digits": "sha256:1"}, {},
    )  # fmt: skip
    assert (plan.action, plan.old, plan.new) == ("plan", {"plan": "class"}, {"plan": "document"})
    assert (role.subject, role.old, role.new) == (school.ids["ada"], {"role": "student"}, {"role": "ta"})


def test_every_guarded_table_has_its_triggers(school: School) -> None:
    query = text("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'")
    with school.parts.database.read() as session:
        found = {(table, name) for table, name in session.execute(query)}
    kinds = ("update", "delete", "insert")
    expected = {(table, f"{table}_append_only_{kind}") for table in APPEND_ONLY for kind in kinds}
    expected |= {(table, f"{table}_append_only_insert") for table in ("submissions", "users")}
    others = {
        ("submissions", "submissions_words"),
        ("submissions", "submissions_erased"),
        ("users", "users_erased"),
    }
    new = {(table, f"{table}_of_erased") for table in WAYS_IN}
    assert found == expected | others | new


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_nothing_is_replaced_either(written: School, table: str) -> None:
    """SQLite's REPLACE takes a row away without asking a trigger of deletion."""
    with pytest.raises(IntegrityError, match="append-only"), written.parts.database.write() as session:
        session.execute(text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))


def _all() -> Any:
    from grader.db.queries import Filter

    return Filter()
