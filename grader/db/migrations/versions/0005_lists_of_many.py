"""Indexes by which lists of a hundred thousand submissions are searched and sorted."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_submissions_course_file_name", "submissions", ["course_id", "file_name"])
    op.create_index("ix_submissions_received", "submissions", ["received_at", "id"])
    op.create_index(op.f("ix_users_display_name"), "users", ["display_name"])


def downgrade() -> None:
    """Undo."""
    op.drop_index(op.f("ix_users_display_name"), "users")
    op.drop_index("ix_submissions_received", "submissions")
    op.drop_index("ix_submissions_course_file_name", "submissions")
