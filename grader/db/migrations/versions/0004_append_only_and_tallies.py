"""Triggers that keep reports and audits as they are, the audit of courses, and counts for limits.

A later migration that makes one of these tables anew (SQLite's batch mode does) must make its triggers anew, too;
tests/unit/grader/db/test_append_only.py notices.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("reports", "grade_changes", "course_changes")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "tallies",
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "since", name=op.f("pk_tallies")),
    )
    op.create_index(op.f("ix_tallies_expires_at"), "tallies", ["expires_at"])
    op.create_table(
        "course_changes",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("course_id", sa.String(length=26), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("old", sa.JSON(), nullable=False),
        sa.Column("new", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_course_changes_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_changes")),
    )
    op.create_index(op.f("ix_course_changes_course_id"), "course_changes", ["course_id"])
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def downgrade() -> None:
    """Undo."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in TABLES:
        if on_postgresql:
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        else:
            op.execute(f"DROP TRIGGER {table}_append_only_update")
            op.execute(f"DROP TRIGGER {table}_append_only_delete")
    if on_postgresql:
        op.execute("DROP FUNCTION refuse_change()")
    op.drop_table("course_changes")
    op.drop_table("tallies")


def _guard_sqlite() -> None:
    for table in TABLES:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_append_only_{change.lower()} BEFORE {change} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
