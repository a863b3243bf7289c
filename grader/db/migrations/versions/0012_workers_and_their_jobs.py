"""Which worker has a job, what each worker can do, and what a version of an assignment was worth."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from grader.db.columns import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; of older rows nobody knows the worker, and of a silent worker nothing but its silence."""
    op.add_column("submissions", sa.Column("worker", sa.String(length=255), nullable=True))
    op.add_column("submissions", sa.Column("waits_for", sa.String(length=16), nullable=True))
    op.add_column("workers", sa.Column("can", sa.JSON(), nullable=True))
    op.add_column("workers", sa.Column("cannot", sa.JSON(), nullable=True))
    op.add_column("workers", sa.Column("left_at", UtcDateTime(), nullable=True))
    op.add_column("workers", sa.Column("died_at", UtcDateTime(), nullable=True))
    op.add_column("workers", sa.Column("deaf_at", UtcDateTime(), nullable=True))
    op.create_table(
        "assignment_versions",
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("version", sa.String(length=80), nullable=False),
        sa.Column("max_score", sa.Double(), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("slug", "version", name=op.f("pk_assignment_versions")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("assignment_versions")
    for column in ("deaf_at", "died_at", "left_at", "cannot", "can"):
        op.drop_column("workers", column)
    op.drop_column("submissions", "waits_for")
    op.drop_column("submissions", "worker")
