"""What is kept for a time only goes, in small steps; what keeps an LMS from being told again stays."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from grader.db.guard_tables import TallyRow
from grader.db.retention import BATCH, PruneRows, Retention
from grader.db.wish_tables import WishMessageRow, WishRow, WishTryRow
from grader.domain.course import CountingRule
from grader.settings import load_settings
from grader.wiring import Wiring
from tests.forgotten import NOW, People, everything, people
from tests.kept_rows import LONG_AFTER, fill, plans, told
from tests.school import TinyShelf


@pytest.fixture(scope="module")
def before(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, People]:
    folder = tmp_path_factory.mktemp("kept")
    shutil.copy(template, folder / "grader.db")
    made = people(Wiring(load_settings({}, data_dir=folder), TinyShelf()))
    made.parts.database.close()
    return folder / "grader.db", made


@pytest.fixture
def found(parts: Wiring, before: tuple[Path, People]) -> People:
    shutil.copy(before[0], parts.settings.data_dir / "grader.db")
    return replace(before[1], parts=parts)


def count(found: People, row: Any, *conditions: Any) -> int:
    with found.parts.database.read() as session:
        return session.scalar(select(func.count()).select_from(row).where(*conditions)) or 0


def test_what_ran_out_goes_and_a_dry_run_says_the_same_number(found: People) -> None:
    assert told(found, NOW + timedelta(days=1)) == 2
    fill(found)
    retention = found.parts.retention
    expected = {
        "sign-ins that ran out": 3, "tokens that ran out": 0, "links that ran out": 1, "counts that ran out": 1,
        "wrong passwords": 3, "messages to an LMS": 4, "messages from an LMS that brought nothing": 3, "keys of uploads": 1,
    }  # fmt: skip
    all_before = everything(found.parts)
    counted = retention.count(LONG_AFTER)
    assert dict(counted) == {**expected, "silent workers": 1}
    assert everything(found.parts) == all_before
    removed = retention.prune(LONG_AFTER)
    assert removed == expected
    assert retention.forget_workers(LONG_AFTER) == ["old"]
    assert not any(retention.prune(LONG_AFTER).values())
    after = everything(found.parts)
    for table in (
        "users",
        "reports",
        "grade_changes",
        "members",
        "courses",
        "webhook_endpoints",
        "lms_identities",
    ):
        assert after[table] == all_before[table], table
    assert len(after["submissions"]) == len(all_before["submissions"])
    assert len(after["inbound_deliveries"]) == 6


def test_nothing_within_its_time_goes(found: People) -> None:
    told(found, NOW + timedelta(days=1))
    fill(found)
    removed = found.parts.retention.prune(NOW - timedelta(seconds=1))
    assert not any(removed.values())
    for_ever = PruneRows(found.parts.database, Retention(0, 0, 0))
    kinds = for_ever.prune(LONG_AFTER)
    assert not {"messages to an LMS", "keys of uploads", "silent workers"} & set(kinds)
    assert for_ever.forget_workers(LONG_AFTER) == []


def test_an_lms_is_never_told_again(found: People) -> None:
    """Whatever happens after what it was told is gone: sweeps, the same rule again, a new grade of somebody else."""
    told(found, NOW + timedelta(days=1))
    found.parts.retention.prune(LONG_AFTER)
    assert count(found, WishMessageRow) == count(found, WishTryRow) == 0
    assert count(found, WishRow) == 2
    parts = found.parts
    assert parts.wishes.due(LONG_AFTER) == []
    parts.courses.set_rule(found.course, CountingRule.LAST, LONG_AFTER)
    assert parts.endpoints.enable(found.endpoint, LONG_AFTER) == 0
    assert told(found, LONG_AFTER) == 0
    shown = parts.wishes.wishes(found.course, LONG_AFTER)
    assert [one.state for one in shown] == ["delivered", "delivered"]
    # An operator who asks for all of it again gets all of it again.
    assert parts.endpoints.enable(found.endpoint, LONG_AFTER, everybody=True) == 2
    assert told(found, LONG_AFTER) == 2


def test_what_is_owed_keeps_its_message(found: People) -> None:
    at = NOW + timedelta(days=1)
    claimed = found.parts.wishes.claim(found.endpoint, at, at, lambda _: {"told": False})
    assert claimed is not None
    found.parts.retention.prune(LONG_AFTER)
    again = found.parts.wishes.claim(found.endpoint, LONG_AFTER, LONG_AFTER, lambda _: {"told": "anew"})
    assert again is not None
    assert (again.id, again.payload) == (claimed.id, {"told": False})


def test_batches_are_small_and_a_round_is_bounded(found: People) -> None:
    with found.parts.database.write() as session:
        session.add_all(
            TallyRow(name=f"n{number}", since=NOW, count=1, expires_at=NOW) for number in range(2 * BATCH + 7)
        )
    deleted: list[int] = []

    def listen(_c: Any, cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("DELETE FROM tallies"):
            deleted.append(cursor.rowcount)

    engine = found.parts.database.engine
    event.listen(engine, "after_cursor_execute", listen)
    assert found.parts.retention.prune(LONG_AFTER, 1)["counts that ran out"] == BATCH
    assert found.parts.retention.prune(LONG_AFTER)["counts that ran out"] == BATCH + 7
    event.remove(engine, "after_cursor_execute", listen)
    assert deleted == [BATCH, BATCH, 7]


def test_what_is_owed_is_found_by_its_index(found: People) -> None:
    for plan in plans(found.parts, NOW):
        assert "SEARCH wishes USING" in plan
        assert "INDEX ix_wishes_due (receiver_kind=? AND receiver_id=? AND state=?" in plan
        assert "SCAN wishes" not in plan


def test_what_ran_out_is_found_by_an_index(found: People) -> None:
    asked: list[tuple[str, Any]] = []

    def listen(_c: Any, _u: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(found.parts.database.engine, "before_cursor_execute", listen)
    found.parts.retention.prune(LONG_AFTER)
    event.remove(found.parts.database.engine, "before_cursor_execute", listen)
    assert len(asked) == 8
    with found.parts.database.engine.connect() as connection:
        for statement, parameters in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            assert "USING" in plan[0][-1], (statement, plan)
            assert "INDEX" in plan[0][-1], (statement, plan)
        assert connection.scalar(text("SELECT 1"))
