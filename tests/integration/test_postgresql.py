"""What SQLite cannot tell: the same models on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from grader.db.columns import utc_now
from grader.db.migrate import differences, upgrade
from grader.db.queries import SORTS, Filter
from grader.domain.course import CountingRule
from grader.domain.report import Report
from grader.domain.submission import Stage
from grader.services.ports import NewSubmission, Sign, Step, Submission, Upload
from grader.settings import load_settings
from grader.wiring import Wiring

pytestmark = pytest.mark.services


@pytest.fixture
def parts(postgres_url: str, tmp_path: Path) -> Iterator[Wiring]:
    made = Wiring(load_settings({}, data_dir=tmp_path, database_url=postgres_url))
    upgrade(made.database)
    yield made
    made.database.close()


def test_models_and_migrations_agree(parts: Wiring) -> None:
    assert differences(parts.database) == []


def test_times_keep_their_zone(parts: Wiring) -> None:
    now = utc_now()
    parts.workers.seen(Sign("w", "grading", False), now)
    assert parts.queries.worker_age(now) == 0.0


def test_one_address_is_taken_once_however_many_ask_together(parts: Wiring) -> None:
    made: list[object] = []

    def add() -> None:
        made.append(parts.accounts.store.add_user("ada@example.edu", "Ada", None, is_admin=False))

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6
    assert sum(user is not None for user in made) == 1


def test_one_key_is_one_submission_however_many_send_it_together(parts: Wiring) -> None:
    course = parts.courses.add_course("c", "C", "CODE", CountingRule.BEST, [])
    student = parts.accounts.store.add_user("ada@example.edu", "Ada", None, is_admin=False)
    assert course is not None
    assert student is not None
    upload = Upload(student.id, course.id, "dense", b"x", idempotency_key="k")
    new, ids = NewSubmission(upload, "v", "x", utc_now()), []
    threads = [threading.Thread(target=lambda: ids.append(parts.store.add(new, None).id)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 6
    assert len(set(ids)) == 1


def test_large_lists_come_in_pages_in_every_order(parts: Wiring) -> None:
    for sort in SORTS:
        for sign in ("", "-"):
            page = parts.queries.submissions(Filter(sort=sign + sort, search="a%", viewer="nobody"))
            assert page.items == []


def test_who_used_the_slow_lane_much_comes_after_the_others(parts: Wiring) -> None:
    now, hour = utc_now(), timedelta(hours=1)
    course = parts.courses.add_course("c", "C", "CODE", CountingRule.BEST, ["dense"])
    people = [
        parts.accounts.store.add_user(f"{name}@example.edu", name, None, is_admin=False) for name in "ab"
    ]
    assert course is not None

    def slow(who: int, at: datetime) -> Submission:
        user = people[who]
        assert user is not None
        upload = Upload(user.id, course.id, "dense", b"x")
        saved = parts.store.add(NewSubmission(upload, "v", "x", at), None)
        assert parts.store.begin_dispatch(saved.id, 0, None, at)
        assert parts.store.note_slow(saved.id, 1, at)
        return saved

    for _ in range(2):
        used = slow(0, now - hour)
        assert parts.store.begin_dispatch(used.id, 1, None, now - hour)
        parts.store.note_stage(Step(used.id, 2, Stage.TRAIN), now - 600 * timedelta(seconds=1), now)
        assert parts.store.save_report(used.id, 2, Report.fault("dense", "v", 10.0), now)
    first, second = slow(0, now - 2 * hour), slow(1, now - hour)
    parts.workers.seen(Sign("w", "slow", False), now)
    assert [each.id for each in parts.lanes.admissible(now, parts.patience)] == [second.id]
    places = [
        parts.lanes.outlook(each, now, parts.patience).position for each in _newest(parts, first, second)
    ]
    assert places == [2, 1]
    later = now + hour
    parts.workers.seen(Sign("w", "slow", False), later)
    assert [each.id for each in parts.lanes.admissible(later, parts.patience)] == [first.id]


def _newest(parts: Wiring, *submissions: Submission) -> list[Submission]:
    return [found for each in submissions if (found := parts.store.get(each.id)) is not None]
