"""Workers of another version beside the right ones, and before them: nobody is charged, and nothing goes round in circles."""

from __future__ import annotations

import time
from typing import Any

import pytest

from grader.domain.report import Verdict
from grader.domain.submission import Lack, State

pytestmark = pytest.mark.services

Service = Any
OTHER = {"GRADER_TEST_VERSION": "sha256:other", "GRADER_TEST_RUNS": "others.txt"}


def test_what_nobody_can_grade_waits_and_is_then_graded(service: Service, until: Any) -> None:
    service.start("control")
    service.start("grading", "other", **OTHER)
    submissions = [service.submit("# sleep 0") for _ in range(5)]
    until(
        lambda: all(service.get(each).waits_for is Lack.VERSION for each in submissions),
        40,
        "what it waits for",
    )
    time.sleep(3)  # several times as long as a worker is left in peace after it gave a job back
    assert {service.get(each).state for each in submissions} == {State.QUEUED}
    service.start("grading")
    for submission in submissions:
        done = service.await_state(submission, State.DONE)
        assert (done.verdict, done.faults, done.losses) == (Verdict.PASSED, 0, 0)
        assert len(service.parts.queries.reports(submission)) == 1
    assert len(service.runs()) == len(submissions)


def test_jobs_go_to_those_who_can(service: Service, until: Any) -> None:
    service.start("control")
    service.start("grading", "other", **OTHER)
    service.start("grading")
    until(lambda: len(_announced(service)) == 2, 40, "both workers are known")
    submissions = [service.submit("# sleep 0.1") for _ in range(8)]
    for submission in submissions:
        done = service.await_state(submission, State.DONE)
        assert (done.verdict, done.faults, done.attempt) == (Verdict.PASSED, 0, 1)
    others = service.settings.data_dir / "others.txt"
    assert not others.exists(), "the other one was asked"


def _announced(service: Service) -> list[Any]:
    from sqlalchemy import select

    from grader.db.tables import WorkerRow

    with service.parts.database.read() as session:
        return [row for row in session.scalars(select(WorkerRow)) if row.can]
