"""A person's words can be erased once; indexes by which is found what is not to be kept any longer, and what is owed.

The triggers of migration 0004 allow one change more (`grader.db.erased_triggers`).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from grader.db.columns import UtcDateTime
from grader.db.erased_triggers import (
    guards_on_postgresql,
    guards_on_sqlite,
    unguard_postgresql,
    unguard_sqlite,
)

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INDEXES = (
    ("wish_messages", "created_at"), ("inbound_deliveries", "received_at"), ("one_time_links", "expires_at"),
    ("api_tokens", "expires_at"), ("login_attempts", "tried_at"),
)  # fmt: skip
_ID = sa.String(length=26)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "erasures",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("erased_at", UtcDateTime(), nullable=False),
        sa.Column("erased_by", sa.String(length=255), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_erasures_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sa.UniqueConstraint("user_id", name=op.f("uq_erasures_user_id")),
    )
    op.add_column("submissions", sa.Column("erased_at", UtcDateTime(), nullable=True))
    for table, column in INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column])
    keyed = sa.text("idempotency_key IS NOT NULL AND origin <> 'lms'")
    op.create_index(
        "ix_submissions_keys", "submissions", ["received_at"], sqlite_where=keyed, postgresql_where=keyed
    )
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in guards_on_postgresql() if on_postgresql else guards_on_sqlite():
        op.execute(sa.text(statement.replace(":", r"\:")))


def downgrade() -> None:
    """Undo."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in unguard_postgresql() if on_postgresql else unguard_sqlite():
        op.execute(sa.text(statement))
    op.drop_index("ix_submissions_keys", "submissions")
    for table, column in INDEXES:
        op.drop_index(f"ix_{table}_{column}", table)
    op.drop_column("submissions", "erased_at")
    op.drop_table("erasures")
