"""What is found of that which waits or got lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from grader.domain.submission import Stage
from grader.services.ports import Patience, Sign, Step

School = Any
SECOND = timedelta(seconds=1)


def test_leases_that_ran_out_are_found(school: School, now: datetime) -> None:
    submission, backlog = school.hand_in(), school.parts.backlog
    school.parts.store.note_stage(Step(submission.id, 1, Stage.EXTRACT), now, now + 20 * SECOND)
    assert backlog.expired(now + 19 * SECOND) == []
    assert [one.id for one in backlog.expired(now + 21 * SECOND)] == [submission.id]


def test_what_was_never_sent_is_found(school: School, now: datetime) -> None:
    submission, backlog = school.hand_in(), school.parts.backlog
    assert backlog.waiting(now + 60 * SECOND, now) == []
    school.parts.store.undo_dispatch(submission.id, 1, now + 9 * SECOND)
    assert backlog.waiting(now + 8 * SECOND, now) == []
    assert [one.id for one in backlog.waiting(now + 9 * SECOND, now)] == [submission.id]


def test_an_overtaken_job_is_found_and_a_waiting_one_is_not(school: School, now: datetime) -> None:
    backlog = school.parts.backlog
    lost = school.hand_in(at=now)
    close = school.hand_in(at=now + 8 * SECOND)
    later = school.hand_in(at=now + 10 * SECOND)
    waiting = school.hand_in(at=now + 11 * SECOND)
    school.parts.store.note_stage(Step(later.id, 1, Stage.EXTRACT), now + 12 * SECOND, now + 99 * SECOND)
    assert backlog.overtaken(now + 12 * SECOND, 5) == []
    assert [one.id for one in backlog.overtaken(now + 13 * SECOND, 5)] == [lost.id]
    assert {close.id, waiting.id}.isdisjoint(one.id for one in backlog.overtaken(now + 900 * SECOND, 5))


def test_a_job_that_was_sent_while_the_clock_ran_ahead_has_overtaken_nobody(
    school: School, now: datetime
) -> None:
    ahead = school.hand_in(at=now + 3600 * SECOND)
    school.parts.store.note_stage(Step(ahead.id, 1, Stage.EXTRACT), now - 3600 * SECOND, now + 99 * SECOND)
    school.hand_in(at=now)
    assert school.parts.backlog.overtaken(now + 20 * SECOND, 5) == []


def test_an_idle_worker_proves_a_loss_and_a_busy_one_does_not(school: School, now: datetime) -> None:
    backlog, patience = school.parts.backlog, Patience()
    submission = school.hand_in(at=now)
    for seconds in range(0, 61, 5):
        school.parts.workers.seen(Sign("w", "grading", True), now + seconds * SECOND)
    assert backlog.unfetched(now + 61 * SECOND, patience) == []
    for seconds in range(65, 101, 5):
        school.parts.workers.seen(Sign("w", "grading", False), now + seconds * SECOND)
    assert [one.id for one in backlog.unfetched(now + 101 * SECOND, patience)] == [submission.id]
    assert backlog.unfetched(now + 200 * SECOND, patience) == [], "a dead worker proves nothing"


def test_a_worker_of_another_queue_proves_nothing(school: School, now: datetime) -> None:
    backlog = school.parts.backlog
    school.hand_in(at=now)
    for seconds in range(0, 101, 5):
        school.parts.workers.seen(Sign("w", "slow", False), now + seconds * SECOND)
    assert backlog.unfetched(now + 101 * SECOND, Patience()) == []
