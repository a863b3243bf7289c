"""Alembic's entry; the connection comes from `grader.db.migrate.upgrade`."""

from __future__ import annotations

from alembic import context

from grader.db import access_tables, erasure_tables, guard_tables, webhook_tables, wish_tables
from grader.db.tables import Base

ALL_TABLES = (access_tables, erasure_tables, guard_tables, webhook_tables, wish_tables)

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
