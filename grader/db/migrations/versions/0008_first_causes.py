"""What stopped each submission first, and what staff say about it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from grader import wire
from grader.domain.cause import first_cause
from grader.domain.report import Report

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_BATCH = 500
submissions = sa.table(
    "submissions", sa.column("id", sa.String), sa.column("verdict", sa.String), sa.column("cause", sa.String)
)
reports = sa.table(
    "reports",
    sa.column("submission_id", sa.String),
    sa.column("attempt", sa.Integer),
    sa.column("verdict", sa.String),
    sa.column("report", sa.JSON),
)


def upgrade() -> None:
    """Apply; the causes of submissions from before are read from their reports."""
    op.add_column("submissions", sa.Column("cause", sa.String(length=160), nullable=True))
    op.create_index("ix_submissions_course_cause", "submissions", ["course_id", "assignment", "cause"])
    op.create_table(
        "cause_hints",
        sa.Column("course_id", sa.String(length=26), nullable=False),
        sa.Column("assignment", sa.String(length=80), nullable=False),
        sa.Column("cause", sa.String(length=160), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", sa.String(length=26), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_cause_hints_course_id")),
        sa.ForeignKeyConstraint(["written_by"], ["users.id"], name=op.f("fk_cause_hints_written_by")),
        sa.PrimaryKeyConstraint("course_id", "assignment", "cause", name=op.f("pk_cause_hints")),
    )
    _fill()


def _fill() -> None:
    """In batches, each report that counts: the newest of those with the submission's verdict."""
    connection, after = op.get_bind(), ""
    while True:
        stopped = (
            sa.select(submissions.c.id)
            .where(submissions.c.id > after, submissions.c.verdict.in_(("failed", "invalid")))
            .order_by(submissions.c.id)
            .limit(_BATCH)
        )
        ids = list(connection.scalars(stopped))
        if not ids:
            return
        query = (
            sa.select(reports.c.submission_id, reports.c.report)
            .join(submissions, submissions.c.id == reports.c.submission_id)
            .where(reports.c.submission_id.in_(ids), reports.c.verdict == submissions.c.verdict)
            .order_by(reports.c.attempt)
        )
        for submission, report in connection.execute(query):
            cause = _cause(report)
            connection.execute(
                sa.update(submissions).where(submissions.c.id == submission).values(cause=cause)
            )
        after = ids[-1]


def _cause(report: Any) -> str | None:
    """None for a report that cannot be read: it is kept as it is, and the upgrade goes on."""
    try:
        return first_cause(wire.from_json(Report, report, complete=False))
    except (wire.WireError, ValueError):
        return None


def downgrade() -> None:
    """Undo."""
    op.drop_table("cause_hints")
    op.drop_index("ix_submissions_course_cause", "submissions")
    op.drop_column("submissions", "cause")
