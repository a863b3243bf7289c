"""Two students whose words are everywhere, one of whom is forgotten; and what somebody with the database in hand might try."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from grader.db.access_tables import ApiTokenRow, LmsIdentityRow, LoginAttemptRow, OneTimeLinkRow, SignInRow
from grader.db.columns import new_id
from grader.db.erased import feedback_on_sqlite, report_on_sqlite, source_on_sqlite
from grader.db.guard_tables import TallyRow
from grader.db.tables import ReportRow, SubmissionRow
from grader.db.webhook_tables import InboundDeliveryRow, WebhookSourceRow
from grader.db.wish_tables import WishMessageRow, WishRow, WishTryRow
from grader.domain.course import CountingRule, Role
from grader.domain.errors import Location, Reason
from grader.domain.message import message
from grader.domain.report import (
    CheckResult,
    Described,
    DiffLine,
    LayerRow,
    ModelTable,
    Outcome,
    PartReport,
    Provenance,
    Report,
    Timings,
    Verdict,
)
from grader.domain.training import SeededRun, TrainingRun
from grader.services.accounts import digest
from grader.services.ports import NewSubmission, Origin, Upload
from grader.wiring import Wiring

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=9)
AN_ENDPOINT = "https://lms.example.edu/hook"


@dataclass(frozen=True)
class People:
    """Ids: Ada is to be forgotten; everything of hers that she or her code chose has `ada` in it, of Bob's `bob`."""

    parts: Wiring
    course: str
    endpoint: str
    ada: str
    bob: str
    submissions: dict[str, list[str]]


def rich_report(who: str, score: float) -> Report:
    """A report that quotes in every field that can, with a number that 15 digits do not hold."""
    quoted = message("wrong_output_shape", layer=f"layer of {who}")
    checks = (
        CheckResult("order", "model", "layers in order", Outcome.PASSED, score, score, needs=("shape",)),
        CheckResult(
            "shape", "model", "shapes", Outcome.FAILED, 0.0, 10.0 - score, message=quoted, expected="Dense(1)",
            actual=f"Mine('{who}')", hint=quoted,
        ),
    )  # fmt: skip
    run = TrainingRun(
        (SeededRun(0, 2, {"loss": (0.1 + 0.2, None), "accuracy": (0.5, 1 / 3)}, 1 / 3),), False, 2.5
    )
    part = PartReport(
        "model", f"build_{who}", ModelTable((LayerRow(f"dense_{who}", "Dense", (), (None, 1), 3),), 3, 3), run,
        (DiffLine("changed", "Dense(1)", "Dense(2)", layer=f"dense_{who}"),), Described({"name": f"net_{who}"}),
    )  # fmt: skip
    return Report(
        "dense", "sha256:dense", Verdict.FAILED, 10.0, score, (message("not_yet"), quoted), Reason.BAD_MODEL, False,
        checks, (part,), (quoted,), Location(3), f"\x00\x00 \\u0000 printed by {who}", Provenance("0", "3", "2", "bubblewrap"),
        Timings(0.1, 0.2, 0.1 + 0.2, 4.0),
    )  # fmt: skip


def people(parts: Wiring) -> People:
    """On an empty, migrated database: three submissions of each, two of them attempts of one in an LMS."""
    course = parts.courses.add_course("k", "K", "KCODE", CountingRule.LAST, ["dense"])
    assert course is not None
    source = WebhookSourceRow(name="campus", course_id=course.id, secret="s")
    with parts.database.write() as session:
        session.add(source)
    endpoint = parts.endpoints.add_endpoint(course.id, AN_ENDPOINT, "whsec_" + "a" * 32)
    ids = {}
    for who in ("ada", "bob"):
        made = parts.accounts.store.add_user(f"{who}@example.edu", who.title(), f"hash {who}", is_admin=False)
        assert made is not None
        ids[who] = made.id
        parts.courses.set_role(course.id, made.id, Role.STUDENT)
    found = People(parts, course.id, endpoint, ids["ada"], ids["bob"], {})
    for who in ("ada", "bob"):
        found.submissions[who] = [_handed_in(found, source.id, who, number) for number in range(3)]
        _ways_in(found, who)
    return found


def _handed_in(found: People, source: str, who: str, number: int) -> str:
    parts, at = found.parts, NOW + timedelta(hours=number)
    user = found.ada if who == "ada" else found.bob
    upload = Upload(user, found.course, "dense", f"print('{who}')\n".encode(), f"{who}.py")
    if number < 2:
        external = {
            "source": "campus", "platform": f"of {who}", "submission_id": f"{who}-77", "attempt": str(2 - number),
            "user_id": f"id of {who}", "sis_id": f"sis {who}", "submitted_at": at.isoformat(),
        }  # fmt: skip
        upload = replace(upload, origin=Origin.LMS, external=external, idempotency_key=f"lms:{who}:{number}")
    saved = parts.store.add(NewSubmission(upload, "sha256:dense", f"print('{who}')\n", at), None)
    assert parts.store.begin_dispatch(saved.id, 0, None, at)
    assert parts.store.save_report(saved.id, 1, rich_report(who, 3.3 + number), at, has_run=True)
    with parts.database.write() as session:
        row = session.get_one(SubmissionRow, saved.id)
        row.cause, row.fault_detail = f"exception_in_code error={who}Error", f"it said {who}"
        session.add(
            InboundDeliveryRow(
                source_id=source, delivery_id=new_id(), event="submission.created", body_sha256="0", submission_id=saved.id,
                external_submission=f"{who}-77-{number}", external_attempt=number,
            )
        )  # fmt: skip
        if number == 0:
            session.add(LmsIdentityRow(source_id=source, external_id=f"id of {who}", user_id=user))
    return str(saved.id)


def _ways_in(found: People, who: str) -> None:
    """Sessions, tokens, links, tries, and what an LMS was told."""
    user, until = found.ada if who == "ada" else found.bob, LATER + timedelta(days=999)
    with found.parts.database.write() as session:
        wish = session.scalar(select(WishRow).where(WishRow.student_id == user))
        assert wish is not None
        made = WishMessageRow(wish_id=wish.id, number=1, payload={"feedback": f"dear {who}"}, created_at=NOW)
        session.add(made)
        session.flush()
        session.add(WishTryRow(message_id=made.id, tried_at=NOW, status=500, error=f"no {who} here"))
        session.add(SignInRow(hash=f"s{who}", user_id=user, expires_at=until))
        session.add(ApiTokenRow(hash=f"t{who}", user_id=user, label=f"laptop of {who}", expires_at=until))
        session.add(OneTimeLinkRow(hash=f"l{who}", user_id=user, purpose="reset", expires_at=until))
        session.add(
            LoginAttemptRow(account=digest(f"{who}@example.edu"), address="192.0.2.1", tried_at=LATER)
        )
        session.add(
            TallyRow(name=f"sign-in:192.0.2.1 {who}@example.edu", since=NOW, count=1, expires_at=until)
        )


STRANGE = (
    '{"feedback": [["ada"]], "parts": 5, "checks": {"ada": {"id": "ada"}}, "stdout": null}',
    '["ada"]', '"ada"', "5", "null", "{}", '{"ada": {"ada": 1}, "verdict": "failed", "stdout": ["ada"]}',
    '{"checks": [5, null, "ada", {"id": "x", "points": 340282366920938463463374607431768211456, "ada": 1}], "max_score": 1e-7}',
    '{"parts": [{"name": "m", "training": {"runs": [1.10, -0.0]}, "x": "ada"}, []], "stdout": "\\u0000ada"}',
    '{"ada": 1, "score": 0.1000000000000000055511151231257827}',
)  # fmt: skip
"""Bodies of reports that no release of ours reads."""


def strange_reports(found: People) -> None:
    """Ada has them, too."""
    with found.parts.database.write() as session:
        for number, body in enumerate(STRANGE):
            session.execute(
                text(
                    "INSERT INTO reports (id, submission_id, attempt, report, verdict, score, max_score, created_at)"
                    " VALUES (:id, :of, :attempt, :body, 'failed', 0.5, 10.0, '2026-11-20 12:00:00')"
                ),
                {"id": f"R{number}", "of": found.submissions["ada"][0], "attempt": 10 + number, "body": body},
            )


def everything(parts: Wiring) -> dict[str, list[str]]:
    """Every row of every table as text, in the order of their keys."""
    with parts.database.read() as session:
        return {
            name: sorted(str(tuple(row)) for row in session.execute(text(f'SELECT * FROM "{name}"')))
            for name in inspect(session.connection()).get_table_names()
        }


def rows_about(parts: Wiring, word: str) -> dict[str, int]:
    """In how many rows of each table a word stands, in small or capital letters."""
    found = {name: sum(word in row.casefold() for row in rows) for name, rows in everything(parts).items()}
    return {name: count for name, count in found.items() if count}


def figures_of(found: People, but: str = "-") -> Any:
    """All of a report and its row that must stay."""
    row, report = SubmissionRow, ReportRow
    columns = (
        row.id, row.student_id, row.assignment, row.state, row.attempt, row.verdict, row.score, row.max_score, row.reason,
        row.received_at, row.done_at, row.started_at, report.id, report.attempt, report.verdict, report.score,
        report.max_score, report.reason, report.created_at, report.report,
    )  # fmt: skip
    query = (
        select(*columns)
        .join(report, report.submission_id == row.id)
        .order_by(report.id)
        .where(report.id.not_like(f"{but}%"))
    )
    with found.parts.database.read() as session:
        kept = [list(line) for line in session.execute(query)]
    for line in kept:
        body = line.pop()
        line.append(
            {key: body[key] for key in ("verdict", "score", "max_score", "reason", "timings", "provenance")}
        )
        line.append(
            [
                [check[key] for key in ("id", "part", "title", "outcome", "points", "max_points", "needs")]
                for check in body["checks"]
            ]
        )
        line.append([[part["name"], part["training"]] for part in body["parts"]])
    return kept  # fmt: skip


def attacks(*, on_sqlite: bool) -> dict[str, str]:
    """Statements that change more, or other rows, than an erasure of Ada's may; each is to be refused.

    `:hers` and `:his` are submissions without an LMS, `:lms` is one of Ada's from it; an erasure names Ada.
    """
    moment = "(SELECT erased_at FROM erasures WHERE user_id = :ada)"
    if on_sqlite:
        body, feedback, source = (
            report_on_sqlite("report", moment), feedback_on_sqlite(moment), source_on_sqlite(moment),
        )  # fmt: skip
    else:
        body, feedback, source = (
            f"erased_report(report, {moment})",
            f"erased_feedback({moment})",
            f"erased_text({moment})",
        )
    report = f"UPDATE reports SET first_feedback = {feedback}, report = {body}"
    row = (
        f"UPDATE submissions SET source = {source}, file_name = 'erased.py', content_sha256 = NULL, idempotency_key = NULL,"
        f" fault_detail = NULL, cause = NULL, first_feedback = {feedback}, erased_at = {moment}, external = :external"
    )
    hers, his = "WHERE submission_id = :hers", "WHERE submission_id = :his"
    found = {
        "another's report": f"{report} {his}",
        "everybody's reports": report,
        "no report": f"UPDATE reports SET report = '{{}}' {hers}",
        "words of our own": f"UPDATE reports SET first_feedback = '[]' {hers}",
        "half of it": f"UPDATE reports SET first_feedback = {feedback} {hers}",
        "deleted": f"DELETE FROM reports {hers}",
        "given to another": f"UPDATE reports SET first_feedback = {feedback}, report = {body}, submission_id = :his, attempt = 7 {hers}",
        "another's row": f"{row} WHERE id = :his",
        "a source of our own": "UPDATE submissions SET source = 'x' WHERE id = :hers",
        "another's source": "UPDATE submissions SET source = 'x' WHERE id = :his",
        "another's given to her": "UPDATE submissions SET student_id = :ada WHERE id = :his",
        "hers given to another": "UPDATE submissions SET student_id = :bob WHERE id = :hers",
        "another name of it": "UPDATE submissions SET id = 'x' WHERE id = :his",
        "another's file": "UPDATE submissions SET file_name = 'x' WHERE id = :his",
        "marked, not emptied": "UPDATE submissions SET erased_at = received_at WHERE id = :hers",
        "another's marked": "UPDATE submissions SET erased_at = received_at WHERE id = :his",
        "ids of the LMS lost": f"{row} WHERE id = :lms",
        "ids that are none": row.replace(":external", "'{\"user_id\": \"5\"}'") + " WHERE id = :hers",
        "the erasure changed": "UPDATE erasures SET why = 'another'",
        "the erasure taken back": "DELETE FROM erasures",
        "a second erasure": (
            "INSERT INTO erasures (id, user_id, erased_at, erased_by, why) SELECT 'x', user_id, erased_at, erased_by, 'x' FROM erasures"
        ),
    }  # fmt: skip
    columns = {
        "verdict": "'passed'",
        "score": "9.9",
        "max_score": "99.0",
        "attempt": "9",
        "created_at": "NULL",
        "reason": "NULL",
    }
    for column, value in columns.items():
        found[f"the report's {column}"] = f"{report}, {column} = {value} {hers}"
    for old, new in {
        "failed": "passed", "4.7": "9.9", "5.3": "9.9", "order": "other", "0.30000000000000004": "0.3", "erased on": "Erased on",
        "2.5": "9.9", "bubblewrap": "docker", "sha256:dense": "sha256:other",
    }.items():  # fmt: skip
        changed = f"replace({body}, '{old}', '{new}')"
        if not on_sqlite:
            changed = f"replace({body}::text, '{old}', '{new}')::json"
        found[f"the report says {new} for {old}"] = f"{report.replace(body, changed)} {hers}"
    rows = {
        "score": "9.9", "verdict": "'passed'", "max_score": "99.0", "attempt": "9", "state": "'queued'", "student_id": ":bob",
        "received_at": "'2020-01-01 00:00:00'", "done_at": "NULL", "started_at": "NULL", "assignment": "'conv'", "reason": "NULL", "faults": "1",
    }  # fmt: skip
    for column, value in rows.items():
        found[f"the row's {column}"] = f"{row}, {column} = {value} WHERE id = :hers"
    if on_sqlite:
        found["replaced"] = (
            "INSERT OR REPLACE INTO reports SELECT id, submission_id, attempt, '{}', 'passed', NULL, 10.0, 10.0, '[]', created_at"
            f" FROM reports {hers}"
        )  # fmt: skip
        found["a source replaced"] = (
            "INSERT OR REPLACE INTO submissions (id, student_id, course_id, assignment, assignment_version, source, file_name, origin,"
            " language, external, received_at, state, lane, attempt, faults, losses) SELECT id, student_id, course_id, assignment,"
            " assignment_version, 'x', file_name, origin, language, external, received_at, state, lane, attempt, faults, losses"
            " FROM submissions WHERE id = :his"
        )  # fmt: skip
        found["a person replaced"] = (
            "INSERT OR REPLACE INTO users SELECT id, email, 'x', password_hash, is_admin, language, created_at FROM users WHERE id = :ada"
        )
        found["replaced under another id"] = found["replaced"].replace("SELECT id", "SELECT 'x'")
    else:
        found["emptied"] = "TRUNCATE reports CASCADE"
    return found


def refused(found: People, name: str, statement: str) -> None:
    """Try one of them: it must be refused, and change nothing."""
    values = {
        "ada": found.ada, "bob": found.bob, "hers": found.submissions["ada"][2], "his": found.submissions["bob"][2],
        "lms": found.submissions["ada"][0], "external": "{}",
    }  # fmt: skip
    used = {key: value for key, value in values.items() if f":{key}" in statement}
    try:
        with found.parts.database.write() as session:
            session.execute(text(statement), used)
    except DBAPIError as caught:
        error = caught
    else:
        pytest.fail(f"{name} was not refused")
    said = str(error.orig)
    assert any(word in said for word in ("append-only", "never changed", "stays erased", "duplicate key")), (
        f"{name}: {said}"
    )
