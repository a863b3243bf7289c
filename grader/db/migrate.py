"""Bring a database to the newest schema, and ask whether models and migrations agree."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from grader.db import access_tables, webhook_tables
from grader.db.session import Database
from grader.db.tables import Base

MIGRATIONS = Path(__file__).parent / "migrations"

ALL_TABLES = (access_tables, webhook_tables)


def upgrade(database: Database) -> None:
    """Run every migration that is missing."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def differences(database: Database) -> list[object]:
    """Where the models and the database as migrated differ; empty when all is well."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))
