from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import sqlite

from grader.db.columns import UtcDateTime, new_id, utc_now


def test_ids_sort_by_time_and_differ() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {len(one) for one in ids} == {26}
    assert [one[:9] for one in ids] == sorted(one[:9] for one in ids)


def test_times_survive_sqlite() -> None:
    column, dialect = UtcDateTime(), sqlite.dialect()
    moment = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    stored = column.process_bind_param(moment, dialect)
    assert stored == datetime(2026, 1, 1, 10)
    assert column.process_result_value(stored, dialect) == moment
    assert column.process_bind_param(None, dialect) is None


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), sqlite.dialect())
    assert utc_now().tzinfo is not None
