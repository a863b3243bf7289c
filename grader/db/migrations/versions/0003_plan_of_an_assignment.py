"""The plan by which a course trains an assignment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "course_assignments", sa.Column("plan", sa.String(length=16), nullable=False, server_default="class")
    )


def downgrade() -> None:
    """Undo."""
    op.drop_column("course_assignments", "plan")
