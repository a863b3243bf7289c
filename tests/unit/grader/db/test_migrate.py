from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import Column, Integer, inspect, text

from grader import wire
from grader.db.columns import utc_now
from grader.db.erasing import Erasures
from grader.db.migrate import differences, upgrade
from grader.db.session import Database
from grader.db.tables import Base
from grader.domain.errors import Reason, StudentError
from grader.domain.message import message
from grader.domain.report import NICE_WORK, Report, Verdict
from tests import old_outbox


def test_models_and_migrations_agree_on_sqlite(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    upgrade(database)
    assert differences(database) == []
    upgrade(database)
    database.close()


def test_a_difference_would_be_noticed(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    upgrade(database)
    table = Base.metadata.tables["users"]
    table.append_column(Column("forgotten", Integer))
    try:
        assert differences(database) != []
    finally:
        table._columns.remove(table.c.forgotten)  # type: ignore[attr-defined]
        database.close()


def test_every_promised_table_is_there(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    upgrade(database)
    promised = {
        "users", "courses", "members", "course_assignments", "submissions", "reports", "sign_ins", "api_tokens",
        "course_data", "one_time_links", "login_attempts", "grade_changes", "webhook_sources", "webhook_endpoints",
        "wishes", "wish_messages", "wish_tries", "inbound_deliveries", "lms_identities", "workers", "tallies", "course_changes",
        "cause_hints", "counts", "assignment_versions", "erasures",
    }  # fmt: skip
    assert promised <= set(inspect(database.engine).get_table_names())
    database.close()


def test_a_database_of_the_first_version_loses_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    upgrade(database, "0001")
    with database.write() as session:
        for statement in (
            (
                "INSERT INTO users (id, email, display_name, is_admin, language, created_at)"
                " VALUES ('u', 'a@example.edu', 'A', 0, 'en', '2026-01-01')"
            ),
            (
                "INSERT INTO courses (id, slug, title, join_code, rule, origin, created_at)"
                " VALUES ('c', 'keras', 'Keras', 'CODE', 'best', 'synthetic', '2026-01-01')"
            ),
            "INSERT INTO members (course_id, user_id, role, joined_at) VALUES ('c', 'u', 'ta', '2026-01-01')",
        ):
            session.execute(text(statement))
    upgrade(database)
    assert differences(database) == []
    with database.read() as session:
        assert session.execute(text("SELECT course_id, user_id FROM members")).all() == [("c", "u")]
    database.close()


def test_causes_of_older_submissions_are_read_from_their_reports(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    upgrade(database, "0005")
    told = message("exception_in_code", error="NameError", text="name 'x' is not defined")
    stopped = Report.invalid("dense", "v", 10.0, StudentError(Reason.BAD_CODE, told))
    passed = Report("dense", "v", Verdict.PASSED, 10.0, 10.0, NICE_WORK)
    reports = {
        "s1": [stopped],
        "s2": [passed],
        "s3": [stopped, passed],
        "s4": [stopped, Report.fault("dense", "v", 10.0)],
        "s5": [stopped],
    }
    with database.write() as session:
        session.execute(
            text("INSERT INTO users VALUES ('u', 'a@example.edu', 'A', NULL, 0, 'en', '2026-01-01')")
        )
        session.execute(
            text("INSERT INTO courses VALUES ('c', 'keras', 'Keras', 'CODE', 'best', '2026-01-01')")
        )
        for submission, written in reports.items():
            counts = [report for report in written if report.score is not None][-1]
            session.execute(
                text(
                    "INSERT INTO submissions (id, student_id, course_id, assignment, assignment_version, source, file_name,"
                    " origin, language, external, received_at, state, lane, attempt, faults, losses, verdict)"
                    " VALUES (:id, 'u', 'c', 'dense', 'v', '', 'x.py', 'web', 'en', '{}', '2026-01-01', 'done', 'grading',"
                    " 1, 0, 0, :verdict)"
                ),
                {"id": submission, "verdict": counts.verdict.value},
            )
            for attempt, report in enumerate(written, start=1):
                session.execute(
                    text(
                        "INSERT INTO reports (id, submission_id, attempt, report, verdict, max_score, created_at)"
                        " VALUES (:id, :of, :attempt, :report, :verdict, 10, '2026-01-01')"
                    ),
                    {
                        "id": f"{submission}-{attempt}",
                        "of": submission,
                        "attempt": attempt,
                        "report": _kept(report, 2**200 if submission == "s5" else "NameError"),
                        "verdict": report.verdict.value,
                    },
                )
    upgrade(database)
    with database.read() as session:
        causes = dict(map(tuple, session.execute(text("SELECT id, cause FROM submissions"))))
    name_error = "exception_in_code error=NameError"
    assert causes == {"s1": name_error, "s2": None, "s3": None, "s4": name_error, "s5": None}
    database.close()


def _kept(report: Report, error: str | int) -> str:
    """As an older release kept it: a number beyond 64 bits, which cannot be read, stops no upgrade."""
    return wire.dumps(report).decode().replace('"NameError"', json.dumps(error))


def test_several_processes_may_upgrade_at_once(tmp_path: Path) -> None:
    databases = [Database(f"sqlite:///{tmp_path}/x.db") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, databases))
    assert differences(databases[0]) == []
    for database in databases:
        database.close()


def test_who_could_not_choose_a_language_has_chosen_none(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    upgrade(database, "0005")
    with database.write() as session:
        session.execute(
            text(
                "INSERT INTO users (id, email, display_name, is_admin, language, created_at)"
                " VALUES ('u', 'a@example.edu', 'A', 0, 'en', '2026-01-01')"
            )
        )
    upgrade(database)
    with database.read() as session:
        assert session.execute(text("SELECT language FROM users")).scalar_one() == ""
    database.close()


def test_who_is_in_line_when_a_release_is_changed_goes_on_waiting(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    upgrade(database, "0009")
    columns = "id, student_id, course_id, assignment, assignment_version, source, file_name, origin, language, external"
    columns += ", received_at, state, lane, attempt, faults, losses"
    with database.write() as session:
        session.execute(text("INSERT INTO users VALUES ('u', 'a@e.edu', 'A', NULL, 0, 'en', '2026-01-01')"))
        session.execute(text("INSERT INTO courses VALUES ('c', 'c', 'C', 'J', 'best', '2026-01-01')"))
        for name, state in (("waits", "queued"), ("done", "done")):
            session.execute(
                text(
                    f"INSERT INTO submissions ({columns}) VALUES ('{name}', 'u', 'c', 'dense', 'v', '', 'f.py', 'web', 'en',"
                    f" '{{}}', '2026-01-02 03:04:05', '{state}', 'grading', 1, 0, 0)"
                )
            )
    upgrade(database)
    with database.read() as session:
        kept = dict(session.execute(text("SELECT id, waiting_since FROM submissions")).all())
    database.close()
    assert kept == {"waits": "2026-01-02 03:04:05", "done": None}


def test_what_waited_for_an_endpoint_still_does(tmp_path: Path) -> None:
    """The newest of each student and exercise, under its old id; also what had been forgotten. And back again."""
    database = Database(f"sqlite:///{tmp_path}/x.db")
    old_outbox.fill(database)
    old_outbox.look(database)
    assert differences(database) == []
    old_outbox.back(database)
    upgrade(database)
    assert differences(database) == []
    database.close()


def test_what_was_written_before_erasures_can_be_erased_after_the_upgrade(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    upgrade(database, "0012")
    told = message("exception_in_code", error="NameError", text="name 'secret' is not defined")
    report = Report.invalid("dense", "v", 10.0, StudentError(Reason.BAD_CODE, told, stdout="secret"))
    words = {"report": wire.dumps(report).decode(), "first": wire.dumps(report.feedback).decode()}
    with database.write() as session:
        for statement in (
            "INSERT INTO users VALUES ('U', 'secret@example.edu', 'Secret', NULL, 0, '', '2026-01-01')",
            "INSERT INTO courses VALUES ('C', 'keras', 'Keras', 'CODE', 'best', '2026-01-01')",
            (
                "INSERT INTO submissions (id, student_id, course_id, assignment, assignment_version, source, file_name, origin,"
                " language, external, received_at, state, lane, attempt, faults, losses, verdict, score, max_score, first_feedback)"
                " VALUES ('S', 'U', 'C', 'dense', 'v', 'secret', 'secret.py', 'web', 'en', '{}', '2026-01-01', 'done', 'grading',"
                " 1, 0, 0, 'invalid', 0.0, 10.0, :first)"
            ),
            (
                "INSERT INTO reports VALUES ('R', 'S', 1, :report, 'invalid', 'bad_code', 0.0, 10.0, :first, '2026-01-01')"
            ),
        ):
            session.execute(
                text(statement), {key: value for key, value in words.items() if f":{key}" in statement}
            )
    upgrade(database)
    assert differences(database) == []
    assert Erasures(database).forget("U", "root", "why", utc_now())
    with database.read() as session:
        left = "SELECT * FROM users, submissions, reports"
        assert "secret" not in str(session.execute(text(left)).all()).casefold()
        kept = "SELECT r.verdict, r.score, r.reason, s.verdict, s.score FROM reports r JOIN submissions s ON s.id = submission_id"
        assert session.execute(text(kept)).one() == ("invalid", 0.0, "bad_code", "invalid", 0.0)
    database.close()
