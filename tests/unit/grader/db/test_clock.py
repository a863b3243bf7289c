"""After the clock was set back nobody waits for the hour that it had shown."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from grader.db.clock import bring_back
from grader.db.tables import SubmissionRow, WorkerRow
from grader.db.wish_tables import WishRow
from grader.domain.submission import Lack, Stage
from grader.services.ports import Patience, Sign, Step

School = Any
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def test_a_lease_that_was_given_an_hour_ahead_ends_when_any_would(school: School, now: datetime) -> None:
    ahead, backlog = now + HOUR, school.parts.backlog
    submission = school.hand_in(at=ahead)
    school.parts.store.note_stage(Step(submission.id, 1, Stage.EXTRACT), ahead, ahead + 20 * SECOND)
    bring_back(school.parts.database, now, Patience())
    assert backlog.expired(now + 19 * SECOND) == [], "its worker may be well"
    assert [one.id for one in backlog.expired(now + 21 * SECOND)] == [submission.id]


def test_a_try_that_was_to_come_an_hour_ahead_comes_now(school: School, now: datetime) -> None:
    submission = school.hand_in(at=now)
    school.parts.store.undo_dispatch(submission.id, 1, now + HOUR)
    bring_back(school.parts.database, now, Patience())
    later = now + max(Patience().fault_delays) * SECOND
    assert [one.id for one in school.parts.backlog.waiting(later, now)] == [submission.id]


def test_what_was_received_an_hour_ahead_and_never_sent_is_sent(school: School, now: datetime) -> None:
    submission = school.hand_in(at=now + HOUR)
    unsent = update(SubmissionRow).values(dispatched_at=None, not_before=None)
    with school.parts.database.write() as session:
        session.execute(unsent)
    found = school.parts.backlog.waiting(now, now - 5 * SECOND)
    assert [one.id for one in found] == [submission.id]


def test_a_worker_that_was_seen_an_hour_ahead_and_died_is_not_alive(school: School, now: datetime) -> None:
    school.parts.workers.seen(Sign("w", "grading", False), now + HOUR)
    bring_back(school.parts.database, now, Patience())
    with school.parts.database.read() as session:
        row = session.get_one(WorkerRow, "w")
        assert (row.seen_at, row.idle_since) == (now, now)


def test_a_refusal_of_an_hour_ahead_does_not_count(school: School, now: datetime) -> None:
    submission, workers = school.hand_in(at=now), school.parts.workers
    workers.seen(Sign("w", "grading", False), now)
    workers.refused("w", submission.assignment, Lack.DATA, now + HOUR)
    assert workers.route(submission, now, Patience()).is_open
    workers.refused("w", submission.assignment, Lack.DATA, now + 15 * SECOND)
    assert not workers.route(submission, now, Patience()).is_open


@pytest.mark.parametrize(("ahead", "due"), [(HOUR, timedelta(0)), (5 * SECOND, 5 * SECOND)])
def test_what_an_lms_is_owed_since_an_hour_ahead_is_told_now(
    school: School, now: datetime, ahead: timedelta, due: timedelta
) -> None:
    submission = school.hand_in(at=now)
    wish = WishRow(
        receiver_kind="webhook",
        receiver_id="e",
        course_id=submission.course,
        student_id=submission.student,
        assignment=submission.assignment,
        submission_id=submission.id,
        wished_at=now + ahead,
        next_try_at=now + ahead,
    )
    with school.parts.database.write() as session:
        session.add(wish)
    bring_back(school.parts.database, now, Patience())
    with school.parts.database.read() as session:
        assert session.scalar(select(WishRow.next_try_at)) == now + due


def test_nothing_moves_while_the_clock_is_right(school: School, now: datetime) -> None:
    submission = school.hand_in(at=now)
    school.parts.workers.seen(Sign("w", "grading", True), now)
    school.parts.store.note_stage(Step(submission.id, 1, Stage.EXTRACT), now, now + 20 * SECOND)
    assert bring_back(school.parts.database, now, Patience()) == 0
    assert bring_back(school.parts.database, now - 3 * SECOND, Patience()) == 0, (
        "two machines differ a little"
    )
