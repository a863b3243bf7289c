"""The guards of the database on PostgreSQL: append-only tables, counts, and the cap on what waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from grader.db.columns import utc_now
from grader.db.erasure_tables import ErasureRow
from grader.db.guard_tables import APPEND_ONLY
from grader.db.migrate import upgrade
from grader.db.store import SubmissionStore
from grader.db.tables import UserRow
from grader.domain.course import CountingRule, Role
from grader.domain.report import Report
from grader.domain.submission import Stage
from grader.services.ports import NewSubmission, Step, TooManyWaiting, Upload
from grader.settings import load_settings
from grader.wiring import Wiring
from tests.forgotten import (
    LATER,
    NOW,
    STRANGE,
    attacks,
    everything,
    figures_of,
    people,
    refused,
    rows_about,
    strange_reports,
)
from tests.kept_rows import LONG_AFTER, fill, plans, told

pytestmark = pytest.mark.services


@pytest.fixture
def parts(postgres_url: str, tmp_path: Path) -> Iterator[Wiring]:
    made = Wiring(load_settings({}, data_dir=tmp_path, database_url=postgres_url))
    upgrade(made.database)
    yield made
    made.database.close()


@pytest.fixture
def upload(parts: Wiring) -> Upload:
    course = parts.courses.add_course("c", "C", "CODE", CountingRule.BEST, ["dense"])
    student = parts.accounts.store.add_user("ada@example.edu", "Ada", None, is_admin=False)
    assert course is not None
    assert student is not None
    parts.courses.set_role(course.id, student.id, Role.STUDENT)
    return Upload(student.id, course.id, "dense", b"x")


def together(work: list[threading.Thread]) -> None:
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()


def test_nothing_is_changed_deleted_or_emptied(parts: Wiring, upload: Upload) -> None:
    now = utc_now()
    saved = parts.store.add(NewSubmission(upload, "v", "x", now), Report.fault("dense", "v", 10.0))
    assert parts.store.reopen(saved.id, upload.student, "again", "sha256:slow", now)
    assert parts.store.begin_dispatch(saved.id, 1, None, now)
    assert parts.store.save_report(saved.id, 2, Report.fault("dense", "v", 10.0), now)
    someone = parts.accounts.store.add_user("otto@example.edu", "Otto", None, is_admin=False)
    assert someone is not None
    assert parts.erasures.forget(someone.id, "root", "asked for it", now)
    for table in APPEND_ONLY:
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with (
                pytest.raises(DBAPIError, match=f"{table} is append-only"),
                parts.database.write() as session,
            ):
                session.execute(text(statement))
        with parts.database.read() as session:
            assert session.scalar(text(f"SELECT count(*) FROM {table}")), f"{table} has rows, and keeps them"


def test_no_count_is_lost_among_connections(parts: Wiring) -> None:
    now, seen = utc_now(), []
    add = parts.tallies.add
    together(
        [threading.Thread(target=lambda: seen.append(add("a", now, timedelta(minutes=1)))) for _ in range(8)]
    )
    assert sorted(seen) == list(range(1, 9))


def test_counters_that_many_add_to_at_once_lose_nothing_and_hold_up_nobody(
    parts: Wiring, upload: Upload
) -> None:
    """Each report adds to several rows, which others add to in the same moment: in one order, so no two wait for each other."""
    store, now, fault = SubmissionStore(parts.database), utc_now(), Report.fault("dense", "v", 10.0)

    def save() -> None:
        for number in range(10):
            saved = store.add(NewSubmission(upload, "v", "x", now), None if number % 2 else fault)
            if number % 2:
                store.begin_dispatch(saved.id, 0, None, now)
                store.note_stage(Step(saved.id, 1, Stage.EXTRACT), now, now)
                assert store.note_fault(saved.id, 1, now, "x") == 1

    together([threading.Thread(target=save) for _ in range(6)])
    told = parts.counts.all()
    assert (told["reports", "quick,grader_error"], told["faults", "quick"]) == (30, 30)
    assert parts.counts.last_hour(now) == {"faults": 30, "losses": 0, "grader_errors": 30}


def test_uploads_at_once_do_not_pass_the_cap_together(parts: Wiring, upload: Upload) -> None:
    store, taken, refused = SubmissionStore(parts.database, most_waiting=3), [], []

    def send() -> None:
        try:
            taken.append(store.add(NewSubmission(upload, "v", "x", utc_now()), None).id)
        except TooManyWaiting:
            refused.append(1)

    together([threading.Thread(target=send) for _ in range(10)])
    assert (len(taken), len(refused)) == (3, 7)


def test_a_person_is_forgotten_and_nothing_else_changes(parts: Wiring) -> None:
    found = people(parts)
    figures = figures_of(found)
    strange_reports(found)
    before = everything(parts)
    for name, statement in attacks(on_sqlite=False).items():
        if "erasure" not in name:
            refused(found, name, statement)
    assert everything(parts) == before
    assert parts.erasures.forget(found.ada, "root", "asked for it", LATER)["reports"] == 3 + len(STRANGE)
    assert rows_about(parts, "ada") == {}
    with parts.database.read() as session:
        query = text("SELECT report::text FROM reports WHERE id LIKE 'R%' ORDER BY attempt")
        kept = session.execute(query).scalars().all()
    assert "340282366920938463463374607431768211456" in kept[7]
    assert "[1.10, -0.0]" in kept[8]
    assert figures_of(found, but="R") == figures
    after = everything(parts)
    for table, rows in before.items():
        others = [row for row in rows if found.bob in row or "bob" in row.casefold()]
        assert set(others) <= set(after[table]), table
    report = parts.store.latest_report(found.submissions["ada"][1])
    assert report is not None
    assert [(told.code, told.params) for told in report.feedback] == [("erased", {"on": "2026-11-29"})]
    assert parts.erasures.forget(found.ada, "root", "again", LATER) == {}
    assert everything(parts) == after


def test_an_erasure_lets_nothing_go_but_words(parts: Wiring) -> None:
    found = people(parts)
    with parts.database.write() as session:
        session.add(ErasureRow(user_id=found.ada, erased_at=LATER, erased_by="root", why="why"))
    before = everything(parts)
    for name, statement in attacks(on_sqlite=False).items():
        refused(found, name, statement)
    assert everything(parts) == before


def test_what_ran_out_goes_and_no_lms_is_told_again(parts: Wiring) -> None:
    found = people(parts)
    assert told(found, NOW + timedelta(days=1)) == 2
    fill(found)
    expected = parts.retention.count(LONG_AFTER)
    assert (expected["messages to an LMS"], expected["keys of uploads"], expected["silent workers"]) == (
        4,
        1,
        1,
    )
    # Two control workers at once: each row goes once, and nobody waits for the other.
    removed: list[Mapping[str, int]] = []
    together(
        [threading.Thread(target=lambda: removed.append(parts.retention.prune(LONG_AFTER))) for _ in range(2)]
    )
    assert {kind: sum(each[kind] for each in removed) for kind in removed[0]} == {
        kind: count for kind, count in expected.items() if kind != "silent workers"
    }
    assert parts.wishes.due(LONG_AFTER) == []
    parts.courses.set_rule(found.course, CountingRule.LAST, LONG_AFTER)
    assert parts.endpoints.enable(found.endpoint, LONG_AFTER) == 0
    assert told(found, LONG_AFTER) == 0


def test_what_is_owed_is_found_by_its_index(parts: Wiring) -> None:
    found = people(parts)
    with parts.database.write() as session:
        session.execute(
            text(
                "INSERT INTO wishes (id, receiver_kind, receiver_id, course_id, student_id, assignment, submission_id, number,"
                " wished_at, state, attempts, told_number) SELECT 'W' || n, 'webhook', :endpoint, :course, :bob, 'a' || n, :his, 1,"
                " now(), 'delivered', 0, 1 FROM generate_series(1, 5000) AS n"
            ),
            {"endpoint": found.endpoint, "course": found.course, "bob": found.bob, "his": found.submissions["bob"][0]},
        )  # fmt: skip
    with parts.database.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    for plan in plans(parts, utc_now()):
        assert "using ix_wishes_due on wishes" in plan
        assert "Seq Scan on wishes" not in plan


def test_what_is_handed_in_while_its_person_is_forgotten_is_not_kept(parts: Wiring) -> None:
    """An upload that waits for the erasure finds its person gone; one that was quicker makes the erasure wait for its grade."""
    found, began, outcome = people(parts), threading.Event(), []
    upload = Upload(found.ada, found.course, "dense", b"x = 1\n")

    def hand_in() -> None:
        began.set()
        try:
            outcome.append(parts.store.add(NewSubmission(upload, "v", "x = 1\n", LATER), None).id)
        except DBAPIError as error:
            outcome.append(str(error.orig))

    thread = threading.Thread(target=hand_in)
    with parts.database.write() as session:
        session.execute(select(UserRow.id).where(UserRow.id == found.ada).with_for_update())
        thread.start()
        assert began.wait(20)
        session.add(ErasureRow(user_id=found.ada, erased_at=LATER, erased_by="root", why="why"))
        session.flush()
    thread.join()
    assert len(outcome) == 1
    assert "stays erased" in outcome[0]
