"""Redis stopped and replaced by an empty one, hung, flushed and full, while a worker is idle, in a job, or at its end."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from grader.domain.report import Verdict
from grader.domain.submission import State
from grader.settings import load_settings
from grader.watchdog import TO_BE_STARTED_AGAIN
from tests.integration.conftest import Service, wait_until
from tests.servers import Server, redis_that_falls

pytestmark = pytest.mark.services

OUTAGE = 5.0
"""Seconds: longer than the job that ends meanwhile, and than a lease of these tests."""

LONGEST = 120.0


@pytest.fixture(scope="module")
def broker() -> Iterator[Server]:
    """A Redis that tests may harm."""
    with redis_that_falls() as server:
        yield server


@pytest.fixture
def worked(broker: Server, tmp_path: Path) -> Iterator[Service]:
    """A service that has graded something already."""
    redis.Redis.from_url(broker.address).flushall()
    made = Service(load_settings({}, data_dir=tmp_path, broker_url=broker.address))
    made.start("control")
    made.start("grading")
    made.await_state(made.submit("# sleep 0"), State.DONE)
    yield made
    made.stop()


@contextmanager
def _stopped(broker: Server) -> Iterator[None]:
    broker.end(signal.SIGKILL)
    yield
    broker.start()


@contextmanager
def _hung(broker: Server) -> Iterator[None]:
    broker.process.send_signal(signal.SIGSTOP)
    yield
    broker.process.send_signal(signal.SIGCONT)


@contextmanager
def _flushed(broker: Server) -> Iterator[None]:
    redis.Redis.from_url(broker.address).flushall()
    yield


@contextmanager
def _full(broker: Server) -> Iterator[None]:
    client = redis.Redis.from_url(broker.address)
    client.config_set("maxmemory", 1)
    yield
    client.config_set("maxmemory", 0)


FAULTS: dict[str, Callable[[Server], object]] = {
    "stopped": _stopped,
    "hung": _hung,
    "flushed": _flushed,
    "full": _full,
}


EVERY = [(fault, moment) for fault in FAULTS for moment in ("idle", "in a job", "at its end")]
SAMPLE = [("stopped", "idle"), ("stopped", "at its end"), ("hung", "at its end"), ("full", "in a job")]
"""What CI tries; `make chaos` tries them all."""


@pytest.mark.parametrize(("fault", "moment"), EVERY if os.environ.get("CHAOS") == "all" else SAMPLE)
def test_a_worker_takes_jobs_again(worked: Service, broker: Server, fault: str, moment: str) -> None:
    submissions = []
    if moment != "idle":
        seconds = OUTAGE + 2 if moment == "in a job" else OUTAGE / 2
        submissions = [worked.submit(f"# sleep {seconds}")]
        worked.await_state(submissions[0], State.RUNNING)
    with FAULTS[fault](broker):
        time.sleep(OUTAGE)
    submissions.append(worked.submit("# sleep 0"))
    for submission in submissions:
        done = worked.await_state(submission, State.DONE, LONGEST, revives=True)
        assert (done.verdict, done.faults, done.losses >= 2) == (Verdict.PASSED, 0, False), worked.logs()
        assert len(worked.parts.queries.reports(submission)) == 1


def test_a_process_that_takes_no_more_messages_ends_to_be_started_again(
    broker: Server, tmp_path: Path
) -> None:
    service = Service(load_settings({}, data_dir=tmp_path, broker_url=broker.address))
    try:
        for part in ("control", "grading"):
            service.start(part, GRADER_TEST_DEAF="1")
        ends = service.ends(LONGEST)
    finally:
        service.stop()
    assert ends == {"control": TO_BE_STARTED_AGAIN, "grading": TO_BE_STARTED_AGAIN}, service.logs()


def test_a_process_that_hears_itself_goes_on(worked: Service) -> None:
    heard = re.compile(r"Task grader\.echo\[.*succeeded")

    def both_have() -> bool:
        return all(len(heard.findall(worked.log(part))) >= 3 for part in ("control", "grading"))

    wait_until(both_have, LONGEST, worked.logs)
    assert worked.processes().keys() == {"control", "grading"}
