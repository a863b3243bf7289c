from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Integer, inspect

from grader.db.migrate import differences, upgrade
from grader.db.session import Database
from grader.db.tables import Base


def test_models_and_migrations_agree_on_sqlite(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    upgrade(database)
    assert differences(database) == []
    upgrade(database)
    database.close()


def test_a_difference_would_be_noticed(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    upgrade(database)
    table = Base.metadata.tables["users"]
    table.append_column(Column("forgotten", Integer))
    try:
        assert differences(database) != []
    finally:
        table._columns.remove(table.c.forgotten)  # type: ignore[attr-defined]
        database.close()


def test_every_promised_table_is_there(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    upgrade(database)
    promised = {
        "users", "courses", "members", "course_assignments", "submissions", "reports", "sign_ins", "api_tokens",
        "one_time_links", "login_attempts", "grade_changes", "webhook_sources", "webhook_endpoints",
        "webhook_deliveries", "inbound_deliveries", "lms_identities", "workers",
    }  # fmt: skip
    assert promised <= set(inspect(database.engine).get_table_names())
    database.close()
