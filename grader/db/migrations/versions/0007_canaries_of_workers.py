"""What a worker's own small training gave, to be compared with the others'."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("workers", sa.Column("canary", sa.String(length=200), nullable=True))
    op.add_column("workers", sa.Column("canary_about", sa.String(length=200), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("workers", "canary_about")
    op.drop_column("workers", "canary")
