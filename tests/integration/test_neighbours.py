"""Workers that end beside a long job, and a service that is stopped and started: none of it is charged to the job."""

from __future__ import annotations

import os
import signal
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import ASSIGNMENTS, Served, serving

pytestmark = [pytest.mark.services, pytest.mark.sandbox]

PASSWORD = "a long enough password"
LONG = (
    "import keras\nimport time\n\n\ndef build_model():\n    time.sleep(SECONDS)\n"
    "    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(1)])\n"
)
"""Longer than the quick lane allows."""


@pytest.fixture
def handed_in(request: pytest.FixtureRequest, served: Served, tmp_path: Path, until: Any) -> str:
    """A long job that runs in the slow lane, of so many seconds; its id."""
    served.operate("course", "create", "keras", "--assignment", "tiny")
    served.operate("user", "add", "ada@x.edu", "--password", PASSWORD)
    served.operate("course", "member", "keras", "ada@x.edu")
    served.run("login", served.address, "--email", "ada@x.edu", words=PASSWORD)
    (tmp_path / "long.py").write_text(LONG.replace("SECONDS", str(request.param)))
    sent = served.run("submit", "tiny", str(tmp_path / "long.py"))
    submission = sent.stdout.split()[-1]
    until(lambda: row(served, submission)[:2] == ("running", "slow"), 120, f"the run: {sent}")
    return submission


def row(served: Served, submission: str) -> tuple[Any, ...]:
    """(state, lane, attempt, losses, verdict)"""
    with sqlite3.connect(served.folder / "data" / "grader.db") as database:
        columns = "state, lane, attempt, losses, verdict"
        return tuple(
            database.execute(f"SELECT {columns} FROM submissions WHERE id = ?", (submission,)).fetchone()
        )


@pytest.mark.parametrize("handed_in", [20], indirect=True)
def test_a_neighbour_that_dies_three_times_costs_nothing(
    served: Served, handed_in: str, until: Any, children_of: Any
) -> None:
    attempt = row(served, handed_in)[2]
    for _ in range(3):
        neighbour = children_of(served.process.pid)["quick"]
        os.kill(neighbour, signal.SIGKILL)
        until(lambda: children_of(served.process.pid).get("quick", neighbour) != neighbour, 60, "its return")  # noqa: B023
    until(lambda: row(served, handed_in)[0] == "done", 120, "the end")
    assert row(served, handed_in)[2:] == (attempt, 0, "passed")


@pytest.mark.parametrize("handed_in", [8], indirect=True)
def test_a_service_that_is_stopped_and_started_charges_nobody(
    served: Served, handed_in: str, until: Any
) -> None:
    attempt = row(served, handed_in)[2]
    served.end()
    again = serving(Served(served.folder, assignments_dir=str(ASSIGNMENTS)))
    try:
        next(again)
        until(lambda: row(served, handed_in)[0] == "done", 180, "the end")
        assert row(served, handed_in)[2:] == (attempt + 1, 0, "passed")
    finally:
        again.close()
