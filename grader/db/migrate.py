"""Bring a database to the newest schema, and ask whether models and migrations agree."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import text

from grader.db import (
    access_tables,
    cause_tables,
    count_tables,
    erasure_tables,
    guard_tables,
    webhook_tables,
    wish_tables,
)
from grader.db.session import Database, lift_limits
from grader.db.tables import Base

MIGRATIONS = Path(__file__).parent / "migrations"

MIGRATION_LOCK = 7_203_174_221

ALL_TABLES = (
    access_tables,
    cause_tables,
    count_tables,
    erasure_tables,
    guard_tables,
    webhook_tables,
    wish_tables,
)


def upgrade(database: Database, revision: str = "head") -> None:
    """Run every migration that is missing; of several processes that ask at once, one does it and the others wait."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    # SQLite locks here, PostgreSQL by a lock of that transaction; the number only has to be ours.
    with database.engine.execution_options(begin="BEGIN IMMEDIATE").begin() as connection:
        lift_limits(connection)
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATION_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def differences(database: Database) -> list[object]:
    """Where the models and the database as migrated differ; empty when all is well."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))
