"""A worker's processes are stopped, as a machine that swaps or a debugger stops them: everybody who asks is told, until they go on."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from grader.db.columns import utc_now
from grader.domain.submission import State
from grader.standing import look
from grader.web import create_app
from grader.web.current import SESSION_KEY

pytestmark = pytest.mark.services

Service = Any
SECONDS = 40.0
"""A bound against hanging."""


def processes_of(service: Service) -> list[int]:
    """What grades: the children of the worker, which itself goes on saying that it lives."""
    parent = service._processes["grading"].pid
    found = []
    for entry in Path("/proc").iterdir():
        try:
            of = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        if of == parent:
            found.append(int(entry.name))
    return found


@contextmanager
def stopped(pids: list[int]) -> Iterator[None]:
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


class Reader:
    """A student with a browser and a token, and Prometheus."""

    def __init__(self, service: Service) -> None:
        parts = service.parts
        app = create_app(service.settings, parts)
        self.client: FlaskClient = app.test_client()
        with self.client.session_transaction() as session:
            session[SESSION_KEY] = parts.accounts.start_session(service.student, utc_now())
        self._token = parts.accounts.issue_token(service.student, "t", utc_now())[0]
        self._metrics = (service.settings.data_dir / "metrics-token").read_text()

    def grading(self) -> Any:
        return self.client.get("/health/grading")

    def ask(self, submission: str) -> dict[str, Any]:
        header = {"Authorization": f"Bearer {self._token}"}
        return dict(self.client.get(f"/api/v1/submissions/{submission}", headers=header).get_json())

    def page(self, submission: str) -> str:
        return self.client.get(f"/submissions/{submission}").text

    def metric(self, name: str) -> float:
        header = {"Authorization": f"Bearer {self._metrics}"}
        lines = self.client.get("/metrics", headers=header).text.splitlines()
        return next(float(line.split()[-1]) for line in lines if line.startswith(name))


def test_everybody_is_told_that_grading_stands_still_and_that_it_goes_on(
    service: Service, until: Callable[..., Any]
) -> None:
    for part in ("control", "grading"):
        service.start(part)
    measured = [service.submit("sleep 0") for _ in range(3)]
    for one in measured:
        service.await_state(one, State.DONE)
    reader = Reader(service)
    until(lambda: reader.grading().status_code == 200, SECONDS, "a lane that drains")
    assert reader.metric('grader_reports_total{lane="quick",verdict="passed"}') == 3

    with stopped(processes_of(service)):
        waits = [service.submit("sleep 0") for _ in range(2)]
        until(lambda: reader.ask(waits[1])["stopped_since"], SECONDS, "the API to tell")
        answer, told = reader.grading(), reader.ask(waits[1])
        assert answer.status_code == 503
        assert answer.get_json()["lanes"]["quick"]["stopped_since"] == told["stopped_since"]
        assert (told["expected_s"], told["state"]) == (None, "queued")
        assert "Grading has stopped since" in reader.page(waits[1])
        assert reader.metric('grader_lane_drains{lane="quick"}') == 0
        assert reader.metric('grader_lane_stopped_seconds{lane="quick"}') > 0
        assert reader.metric('grader_lane_waiting{lane="quick"}') == 2
        assert reader.client.get("/health/ready").status_code == 200, "uploads are taken all the same"
        assert not look(service.parts, utc_now()).grades

    for one in waits:
        service.await_state(one, State.DONE)
        assert reader.ask(one)["stopped_since"] is None
    until(lambda: reader.grading().status_code == 200, SECONDS, "a lane that drains again")
    assert reader.metric('grader_lane_stopped_seconds{lane="quick"}') == 0
    assert reader.metric('grader_reports_total{lane="quick",verdict="passed"}') == 5


@pytest.mark.parametrize("service", ["postgresql+redis"], indirect=True)
def test_a_long_job_that_goes_on_is_no_standstill(service: Service, until: Callable[..., Any]) -> None:
    """It lasts for four times as long as nothing may happen beside a free worker, and another waits behind it."""
    for part in ("control", "grading"):
        service.start(part)
    service.await_state(service.submit("sleep 0"), State.DONE)
    patience = service.parts.patience
    long, waits = service.submit(f"sleep {4 * patience.stopped}"), service.submit("sleep 0")
    service.await_state(long, State.RUNNING)
    overdue = set()

    def is_over() -> bool:
        flow = service.parts.flow.lanes(utc_now(), patience)[service.get(waits).lane]
        quiet = flow.facts.quiet_since
        if quiet is not None and (utc_now() - quiet).total_seconds() > patience.stopped:
            overdue.add(flow.stopped_since)
        return service.get(waits).state is State.DONE

    until(is_over, SECONDS, service.logs())
    # On a busy machine a sign of life may come late once; without the rule none of these moments would be in order.
    assert None in overdue
