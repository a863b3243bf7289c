"""A database as it was before what endpoints are owed had rows (migration 0009), with messages in every state."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import text

from grader.db.migrate import upgrade
from grader.db.session import Database

ON, OFF = "E-ON", "E-OFF"
BEFORE = "0009"

SUBMISSIONS = {
    # name: student, assignment
    "told": ("ada", "dense"), "older": ("bob", "dense"), "newer": ("bob", "dense"), "gave-up": ("cy", "dense"),
    "unwritten": ("cy", "conv"), "before": ("dee", "dense"), "fault": ("dee", "conv"), "regraded": ("ada", "conv"),
}  # fmt: skip
REPORTS = [
    # submission, attempt, verdict, minute of January 10
    ("told", 1, "passed", 1), ("older", 1, "failed", 2), ("newer", 1, "passed", 3), ("gave-up", 1, "failed", 4),
    ("unwritten", 1, "passed", 5), ("before", 1, "passed", -600), ("fault", 1, "grader_error", 6),
    ("regraded", 1, "failed", 7), ("regraded", 2, "passed", 8), ("regraded", 3, "grader_error", 9),
]  # fmt: skip
DELIVERIES = [
    # id, endpoint, submission, attempt, state, attempts, next try
    ("D-TOLD", ON, "told", 1, "delivered", 2, None), ("D-OLDER", ON, "older", 1, "waiting", 3, "2026-01-11 00:00:00"),
    ("D-NEWER", ON, "newer", 1, "waiting", 1, "2026-01-10 00:30:00"), ("D-GAVE-UP", ON, "gave-up", 1, "given_up", 10, None),
    ("D-FIRST", ON, "regraded", 1, "delivered", 1, None), ("D-SECOND", ON, "regraded", 2, "waiting", 0, "2026-01-10 00:08:00"),
    ("D-OFF", OFF, "told", 1, "given_up", 1, None),
]  # fmt: skip


def fill(database: Database) -> None:
    """Migrate to the version before, and put the rows in."""
    upgrade(database, BEFORE)
    with database.write() as session:

        def put(table: str, **values: Any) -> None:
            names = ", ".join(values)
            session.execute(
                text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in values)})"),
                values,
            )

        start = "2026-01-10 00:00:00"
        put("courses", id="C", slug="keras", title="Keras", join_code="CODE", rule="best", created_at=start)
        for name in ("ada", "bob", "cy", "dee"):
            put(
                "users",
                id=name,
                email=f"{name}@x",
                display_name=name,
                is_admin=False,
                language="",
                created_at=start,
            )
        for name, (student, assignment) in SUBMISSIONS.items():
            put(
                "submissions", id=name, student_id=student, course_id="C", assignment=assignment, assignment_version="v",
                source="", file_name="x.py", origin="web", language="en", external="{}", received_at=start, state="done",
                lane="grading", attempt=1, faults=0, losses=0, verdict="passed", score=10.0, max_score=10.0, done_at=start,
            )  # fmt: skip
        for submission, attempt, verdict, minute in REPORTS:
            moment = f"2026-01-10 00:{minute:02}:00" if minute > 0 else "2026-01-09 14:00:00"
            put(
                "reports", id=f"{submission}-{attempt}", submission_id=submission, attempt=attempt, report="{}",
                verdict=verdict, score=10.0, max_score=10.0, created_at=moment,
            )  # fmt: skip
        for endpoint in (ON, OFF):
            put(
                "webhook_endpoints", id=endpoint, course_id="C", url="https://lms.example/", events="submission.graded",
                secret="whsec_x", enabled=endpoint == ON, created_at=start,
            )  # fmt: skip
        for one, endpoint, submission, attempt, state, attempts, next_try in DELIVERIES:
            put(
                "webhook_deliveries", id=one, endpoint_id=endpoint, submission_id=submission, report_attempt=attempt,
                event="submission.graded", payload=json.dumps({"said": one}), state=state, attempts=attempts,
                next_try_at=next_try, created_at=start,
            )  # fmt: skip
            put(
                "webhook_tries",
                id=f"T-{one}",
                delivery_id=one,
                tried_at=start,
                status=500,
                error="500 instead of 2xx",
            )
        put(
            "webhook_deliveries", id="D-TEST", endpoint_id=ON, event="webhook.test", payload="{}", state="given_up",
            attempts=1, created_at=start,
        )  # fmt: skip
        put("webhook_tries", id="T-D-TEST", delivery_id="D-TEST", tried_at=start, status=410, error="x")


def look(database: Database) -> None:
    """Upgrade, and assert that each endpoint is owed what it is, and that every message and try is kept."""
    upgrade(database)
    with database.read() as session:

        def rows(query: str) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in session.execute(text(query))]

        owed = rows(
            "SELECT receiver_id, student_id, assignment, submission_id, number, state, attempts, message_id, told_number"
            " FROM wishes WHERE receiver_kind = 'webhook' AND course_id = 'C' ORDER BY receiver_id, student_id, assignment"
        )
        assert owed == [
            (OFF, "ada", "conv", "regraded", 1, "waiting", 0, None, 0),
            (OFF, "ada", "dense", "told", 1, "waiting", 0, "D-OFF", 0),
            (OFF, "bob", "dense", "newer", 1, "waiting", 0, None, 0),
            (OFF, "cy", "conv", "unwritten", 1, "waiting", 0, None, 0),
            (OFF, "cy", "dense", "gave-up", 1, "waiting", 0, None, 0),
            (ON, "ada", "conv", "regraded", 2, "waiting", 0, "D-SECOND", 1),
            (ON, "ada", "dense", "told", 1, "delivered", 2, "D-TOLD", 1),
            (ON, "bob", "dense", "newer", 2, "waiting", 1, "D-NEWER", 0),
            (ON, "cy", "conv", "unwritten", 1, "waiting", 0, None, 0),
            (ON, "cy", "dense", "gave-up", 1, "waiting", 0, "D-GAVE-UP", 0),
        ]
        assert rows("SELECT id FROM wishes WHERE state = 'waiting' AND next_try_at IS NULL") == []
        written = {one[0] for one in DELIVERIES}
        messages = rows("SELECT id, payload FROM wish_messages")
        assert {(one, _read(payload)["said"]) for one, payload in messages} == {(one, one) for one in written}
        assert {one for (one,) in rows("SELECT message_id FROM wish_tries")} == written


def _read(payload: Any) -> Any:
    return json.loads(payload) if isinstance(payload, str) else payload


def back(database: Database) -> None:
    """Downgrade: what waited under a message waits again."""
    from alembic import command
    from alembic.config import Config

    from grader.db.migrate import MIGRATIONS

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.execution_options(begin="BEGIN IMMEDIATE").begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, BEFORE)
    with database.read() as session:
        query = "SELECT id, submission_id, report_attempt, state FROM webhook_deliveries WHERE endpoint_id = :e ORDER BY id"
        found = [tuple(row) for row in session.execute(text(query), {"e": ON})]
    assert found == [
        ("D-GAVE-UP", "gave-up", 1, "waiting"),
        ("D-NEWER", "newer", 1, "waiting"),
        ("D-SECOND", "regraded", 2, "waiting"),
        ("D-TOLD", "told", 1, "delivered"),
    ]
