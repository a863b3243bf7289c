"""The language of a person is what they chose, or empty: so far nobody could choose, and everybody had English."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("UPDATE users SET language = '' WHERE language = 'en'")


def downgrade() -> None:
    """Undo."""
    op.execute("UPDATE users SET language = 'en' WHERE language = ''")
