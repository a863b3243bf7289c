from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from grader.domain.submission import Job, State
from grader.domain.training import PlanName
from grader.services.regrade import regrade

School = Any


class AwayQueue:
    """A broker that is away."""

    def send(self, job: Job, worker: str | None = None, *, alone: bool = False) -> None:
        raise ConnectionError(job.submission)


def test_a_broker_that_is_away_loses_nothing(school: School, now: datetime) -> None:
    parts = school.parts
    parts.__dict__["dispatcher"] = replace(parts.dispatcher, queue=AwayQueue())
    saved = school.hand_in()
    assert (saved.state, saved.dispatched_at) == (State.QUEUED, None)
    assert [one.id for one in parts.backlog.waiting(now + timedelta(seconds=6), now)] == [saved.id]


def test_a_second_dispatch_of_the_same_state_does_nothing(school: School, now: datetime) -> None:
    parts = school.parts
    before = parts.store.get(school.hand_in().id)
    assert parts.dispatcher.dispatch(before, now)
    assert not parts.dispatcher.dispatch(before, now)
    assert parts.store.get(before.id).attempt == 2


def test_a_job_says_by_which_plan_the_course_trains(school: School, now: datetime) -> None:
    sent: list[Job] = []

    class KeepingQueue:
        """Keeps what it is told to send."""

        def send(self, job: Job, worker: str | None = None, *, alone: bool = False) -> None:
            sent.append(job)

    parts = school.parts
    saved = school.hand_in()
    parts.courses.set_plan(school.course, saved.assignment, PlanName.DOCUMENT)
    replace(parts.dispatcher, queue=KeepingQueue()).dispatch(parts.store.get(saved.id), now)
    assert [job.plan for job in sent] == [PlanName.DOCUMENT]


def test_a_new_attempt_is_graded_by_the_version_that_was_handed_in_and_a_regrade_by_the_newest(
    school: School, make_report: Any, now: datetime
) -> None:
    parts = school.parts
    saved = school.hand_in()
    dense = replace(parts.shelf.assignments["dense"], version="sha256:new")
    newer = replace(parts.dispatcher, shelf=replace(parts.shelf, assignments={"dense": dense}))
    newer.dispatch(saved, now)
    assert parts.store.get(saved.id).assignment_version == "sha256:dense"
    school.grade(saved, make_report())
    assert regrade(saved.id, school.ids["tess"], "a mistake of ours", newer, now)
    assert parts.store.get(saved.id).assignment_version == "sha256:new"
