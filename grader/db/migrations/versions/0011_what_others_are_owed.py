"""What an endpoint is owed is a row for each student and exercise; messages from before are moved there.

The newest report of each is the wish. Where a message was made of it, it stays that message, under its id and with its
tries; what waited behind a newer report is kept as it was written, and is not sent any more. What was given up, or never
written because the endpoint was off or nobody looked for two days, is owed. Messages of tests are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

from grader.db.columns import UtcDateTime, new_id, utc_now

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BATCH = 500
_ID, _TIME = sa.String(length=26), sa.DateTime(timezone=True)


def _table(name: str, **types: Any) -> Any:
    return sa.table(name, *(sa.column(one, kind) for one, kind in types.items()))


_WORD, _WHEN = sa.String(), UtcDateTime()
endpoints = _table("webhook_endpoints", id=_WORD, course_id=_WORD, created_at=_WHEN)
submissions = _table("submissions", id=_WORD, course_id=_WORD, student_id=_WORD, assignment=_WORD)
reports = _table(
    "reports", id=_WORD, submission_id=_WORD, attempt=sa.Integer(), verdict=_WORD, created_at=_WHEN
)
deliveries = _table(
    "webhook_deliveries",
    id=_WORD, endpoint_id=_WORD, submission_id=_WORD, report_attempt=sa.Integer(), event=_WORD, payload=sa.JSON(),
    state=_WORD, attempts=sa.Integer(), next_try_at=_WHEN, queued_at=_WHEN, created_at=_WHEN,
)  # fmt: skip
wishes = _table(
    "wishes",
    id=_WORD, receiver_kind=_WORD, receiver_id=_WORD, course_id=_WORD, student_id=_WORD, assignment=_WORD,
    submission_id=_WORD, number=sa.Integer(), wished_at=_WHEN, state=_WORD, attempts=sa.Integer(), next_try_at=_WHEN,
    message_id=_WORD, said_at=_WHEN, told_number=sa.Integer(), told_at=_WHEN,
)  # fmt: skip
messages = _table(
    "wish_messages", id=_WORD, wish_id=_WORD, number=sa.Integer(), payload=sa.JSON(), created_at=_WHEN
)


def upgrade() -> None:
    """Apply."""
    op.add_column("webhook_endpoints", sa.Column("paused_until", _TIME, nullable=True))
    _make_tables()
    for endpoint in op.get_bind().execute(sa.select(endpoints)).all():
        _move(endpoint)
    op.execute(
        "INSERT INTO wish_tries (id, message_id, tried_at, status, error)"
        " SELECT id, delivery_id, tried_at, status, error FROM webhook_tries"
        " WHERE delivery_id IN (SELECT id FROM wish_messages)"
    )
    op.drop_table("webhook_tries")
    op.drop_table("webhook_deliveries")


def _make_tables() -> None:
    op.create_table(
        "wishes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("receiver_kind", sa.String(length=16), nullable=False),
        sa.Column("receiver_id", _ID, nullable=False),
        sa.Column("course_id", _ID, nullable=False),
        sa.Column("student_id", _ID, nullable=False),
        sa.Column("assignment", sa.String(length=80), nullable=False),
        sa.Column("submission_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("wished_at", _TIME, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", _TIME, nullable=True),
        sa.Column("claim", _ID, nullable=True),
        sa.Column("claimed_until", _TIME, nullable=True),
        sa.Column("message_id", _ID, nullable=True),
        sa.Column("said_at", _TIME, nullable=True),
        sa.Column("told_number", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("told_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_wishes_course_id")),
        sa.ForeignKeyConstraint(["student_id"], ["users.id"], name=op.f("fk_wishes_student_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_wishes_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wishes")),
        sa.UniqueConstraint(
            "receiver_kind", "receiver_id", "student_id", "assignment", name=op.f("uq_wishes_receiver")
        ),
    )
    due = ["receiver_kind", "receiver_id", "state", "next_try_at", "id"]
    op.create_index("ix_wishes_due", "wishes", due)
    op.create_index("ix_wishes_course", "wishes", ["course_id", "state", "wished_at"])
    op.create_table(
        "wish_messages",
        sa.Column("id", _ID, nullable=False),
        sa.Column("wish_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["wish_id"], ["wishes.id"], name=op.f("fk_wish_messages_wish_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_messages")),
    )
    op.create_index(op.f("ix_wish_messages_wish_id"), "wish_messages", ["wish_id"])
    op.create_table(
        "wish_tries",
        sa.Column("id", _ID, nullable=False),
        sa.Column("message_id", _ID, nullable=False),
        sa.Column("tried_at", _TIME, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["wish_messages.id"], name=op.f("fk_wish_tries_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_tries")),
    )
    op.create_index(op.f("ix_wish_tries_message_id"), "wish_tries", ["message_id"])


def _move(endpoint: Any) -> None:
    """Every report that an endpoint was told of, or is owed: a wish for each student and exercise, and its messages."""
    connection, of = op.get_bind(), deliveries.c
    query = (
        sa.select(
            submissions.c.student_id, submissions.c.assignment, reports.c.submission_id,
            reports.c.created_at.label("reported_at"), of.id, of.state, of.attempts, of.next_try_at,
        )
        .join(submissions, submissions.c.id == reports.c.submission_id)
        .outerjoin(
            deliveries,
            sa.and_(
                of.endpoint_id == endpoint.id,
                of.submission_id == reports.c.submission_id,
                of.report_attempt == reports.c.attempt,
            ),
        )
        .where(submissions.c.course_id == endpoint.course_id, reports.c.verdict != "grader_error")
        .where(sa.or_(of.id.is_not(None), reports.c.created_at >= endpoint.created_at))
        .order_by(submissions.c.student_id, submissions.c.assignment, reports.c.created_at, reports.c.id)
    )  # fmt: skip
    rows = connection.execute(query).all()
    moved: dict[str, tuple[str, int]] = {}
    fresh = []
    for _, group in groupby(rows, key=lambda row: (row.student_id, row.assignment)):
        told = list(group)
        wish = _wish(endpoint, told)
        fresh.append(wish)
        written = [row.id for row in told if row.id is not None]
        moved |= {one: (wish["id"], number) for number, one in enumerate(written, start=1)}
    for batch in _batches(fresh):
        connection.execute(sa.insert(wishes), batch)
    for batch in _batches(list(moved)):
        found = connection.execute(sa.select(of.id, of.payload, of.created_at).where(of.id.in_(batch))).all()
        values = [
            dict(zip(("wish_id", "number"), moved[one.id], strict=True)) | one._asdict() for one in found
        ]
        connection.execute(sa.insert(messages), values)


def _wish(endpoint: Any, told: Sequence[Any]) -> dict[str, Any]:
    """The newest report of one student and exercise; `told` are all of them, the oldest first."""
    newest, written = told[-1], [row for row in told if row.id is not None]
    heard = [number for number, row in enumerate(written, start=1) if row.state == "delivered"]
    goes_on = newest.state in {"waiting", "delivered"}
    return {
        "id": new_id(),
        "receiver_kind": "webhook",
        "receiver_id": endpoint.id,
        "course_id": endpoint.course_id,
        "student_id": newest.student_id,
        "assignment": newest.assignment,
        "submission_id": newest.submission_id,
        "number": len(written) + (newest.id is None),
        "wished_at": newest.reported_at,
        "state": newest.state if goes_on else "waiting",
        "attempts": newest.attempts if goes_on else 0,
        "next_try_at": newest.next_try_at if goes_on else utc_now(),
        "message_id": newest.id,
        "said_at": written[-1].reported_at if written else None,
        "told_number": heard[-1] if heard else 0,
        "told_at": written[heard[-1] - 1].reported_at if heard else None,
    }


def _batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))


def downgrade() -> None:
    """Undo; what waits, waits again, and is written anew where it was never sent."""
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", _ID, nullable=False),
        sa.Column("endpoint_id", _ID, nullable=False),
        sa.Column("submission_id", _ID, nullable=True),
        sa.Column("report_attempt", sa.Integer(), nullable=True),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", _TIME, nullable=True),
        sa.Column("queued_at", _TIME, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoints.id"], name=op.f("fk_webhook_deliveries_endpoint_id")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_webhook_deliveries_submission_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint(
            "endpoint_id", "submission_id", "report_attempt", name=op.f("uq_webhook_deliveries_report")
        ),
    )
    op.create_index("ix_webhook_deliveries_due", "webhook_deliveries", ["state", "next_try_at"])
    for column in ("endpoint_id", "submission_id"):
        op.create_index(op.f(f"ix_webhook_deliveries_{column}"), "webhook_deliveries", [column])
    op.create_table(
        "webhook_tries",
        sa.Column("id", _ID, nullable=False),
        sa.Column("delivery_id", _ID, nullable=False),
        sa.Column("tried_at", _TIME, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["webhook_deliveries.id"], name=op.f("fk_webhook_tries_delivery_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_tries")),
    )
    op.create_index(op.f("ix_webhook_tries_delivery_id"), "webhook_tries", ["delivery_id"])
    _move_back()
    op.drop_table("wish_tries")
    op.drop_table("wish_messages")
    op.drop_table("wishes")
    op.drop_column("webhook_endpoints", "paused_until")


def _move_back() -> None:
    """The newest message of each wish stands for the newest report of its submission."""
    op.execute(
        "INSERT INTO webhook_deliveries (id, endpoint_id, submission_id, report_attempt, event, payload, state, attempts,"
        " next_try_at, created_at)"
        " SELECT m.id, w.receiver_id, w.submission_id, (SELECT max(r.attempt) FROM reports r"
        " WHERE r.submission_id = w.submission_id AND r.verdict <> 'grader_error'), 'submission.graded', m.payload,"
        " w.state, w.attempts, w.next_try_at, m.created_at"
        " FROM wishes w JOIN wish_messages m ON m.id = w.message_id WHERE w.receiver_kind = 'webhook'"
    )
    op.execute(
        "INSERT INTO webhook_tries (id, delivery_id, tried_at, status, error)"
        " SELECT id, message_id, tried_at, status, error FROM wish_tries"
        " WHERE message_id IN (SELECT id FROM webhook_deliveries)"
    )
