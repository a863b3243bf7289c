"""Since when each submission waits, counters for metrics, and indexes for asking about both."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; who is in line at the moment waits since it was handed in."""
    op.add_column("submissions", sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE submissions SET waiting_since = received_at WHERE state = 'queued'")
    op.create_index(
        "ix_submissions_waiting",
        "submissions",
        ["state", "lane", "waiting_since", "assignment", "regraded_by"],
    )
    op.create_index("ix_submissions_measured", "submissions", ["lane", "started_at", "done_at", "assignment"])
    op.drop_index("ix_submissions_started_at", "submissions")
    op.create_index("ix_workers_seen_at", "workers", ["seen_at"])
    op.create_table(
        "counts",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("labels", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("name", "labels", name=op.f("pk_counts")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("counts")
    op.drop_index("ix_workers_seen_at", "workers")
    op.create_index("ix_submissions_started_at", "submissions", ["started_at"])
    op.drop_index("ix_submissions_measured", "submissions")
    op.drop_index("ix_submissions_waiting", "submissions")
    op.drop_column("submissions", "waiting_since")
