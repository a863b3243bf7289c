"""Whether messages may leave, and from which number on new ones are counted after a restore."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from grader.db.columns import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; nothing is held."""
    op.create_table(
        "outgoing",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("held_since", UtcDateTime(), nullable=True),
        sa.Column("backup_of", UtcDateTime(), nullable=True),
        sa.Column("least_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("outgoing")
