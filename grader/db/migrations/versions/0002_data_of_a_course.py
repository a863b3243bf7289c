"""The data that a course grades with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "course_data",
        sa.Column("course_id", sa.String(length=26), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("sha256", sa.String(length=80), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_course_data_course_id")),
        sa.PrimaryKeyConstraint("course_id", "slug", "dataset", name=op.f("pk_course_data")),
    )
    # No batch: it would make the table anew, and SQLite would take every row that refers to it along.
    op.drop_column("courses", "origin")


def downgrade() -> None:
    """Undo."""
    op.add_column(
        "courses", sa.Column("origin", sa.String(length=16), nullable=False, server_default="synthetic")
    )
    op.drop_table("course_data")
