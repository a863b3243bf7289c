"""Which bytes were handed in: what an idempotency key is bound to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; of older submissions nobody knows the bytes, their source is compared instead."""
    op.add_column("submissions", sa.Column("content_sha256", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("submissions", "content_sha256")
