from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import Column, Integer, inspect, text

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
        "course_data", "one_time_links", "login_attempts", "grade_changes", "webhook_sources", "webhook_endpoints",
        "webhook_deliveries", "inbound_deliveries", "lms_identities", "workers", "tallies", "course_changes",
    }  # fmt: skip
    assert promised <= set(inspect(database.engine).get_table_names())
    database.close()


def test_a_database_of_the_first_version_loses_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    upgrade(database, "0001")
    with database.write() as session:
        for statement in (
            (
                "INSERT INTO users (id, email, display_name, is_admin, language, created_at)"
                " VALUES ('u', 'a@example.edu', 'A', 0, 'en', '2026-01-01')"
            ),
            (
                "INSERT INTO courses (id, slug, title, join_code, rule, origin, created_at)"
                " VALUES ('c', 'keras', 'Keras', 'CODE', 'best', 'synthetic', '2026-01-01')"
            ),
            "INSERT INTO members (course_id, user_id, role, joined_at) VALUES ('c', 'u', 'ta', '2026-01-01')",
        ):
            session.execute(text(statement))
    upgrade(database)
    assert differences(database) == []
    with database.read() as session:
        assert session.execute(text("SELECT course_id, user_id FROM members")).all() == [("c", "u")]
    database.close()


def test_several_processes_may_upgrade_at_once(tmp_path: Path) -> None:
    databases = [Database(f"sqlite:///{tmp_path}/x.db") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, databases))
    assert differences(databases[0]) == []
    for database in databases:
        database.close()


def test_who_could_not_choose_a_language_has_chosen_none(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    upgrade(database, "0005")
    with database.write() as session:
        session.execute(
            text(
                "INSERT INTO users (id, email, display_name, is_admin, language, created_at)"
                " VALUES ('u', 'a@example.edu', 'A', 0, 'en', '2026-01-01')"
            )
        )
    upgrade(database)
    with database.read() as session:
        assert session.execute(text("SELECT language FROM users")).scalar_one() == ""
    database.close()
