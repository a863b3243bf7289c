"""A student's file through every real part: command line, web server, queue, worker, sandbox, database, and back."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.services, pytest.mark.sandbox]

Served = Any
PASSWORD = "a long enough password"
GOOD = (
    "import keras\n\n\ndef build_model():\n"
    "    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(1)])\n"
)
SUBMISSIONS = {
    "passed": (GOOD, 0, "Nice work!\nLooks good!"),
    "failed": (GOOD.replace("Dense(3)", "Dense(5)"), 1, "Got: 31"),
    "invalid": ("def build_model():\n    return 1 +\n", 1, "line 2"),
}


@pytest.fixture(scope="module")
def enrolled(served_on: Served, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """A student of a course, signed in on the command line."""
    roster = tmp_path_factory.mktemp("roster") / "roster.csv"
    roster.write_text("email,name,role\ntess@x.edu,Tess,ta\n")
    served_on.operate("course", "create", "keras", "--assignment", "tiny")
    imported = served_on.operate("course", "import", "keras", str(roster))
    assert re.search(rf"tess@x\.edu\tta\t{served_on.address}/link/\S+", imported.stdout), imported.stderr
    served_on.operate("user", "add", "ada@x.edu", "--password", PASSWORD)
    served_on.operate("course", "member", "keras", "ada@x.edu")
    login = served_on.run("login", served_on.address, "--email", "ada@x.edu", words=PASSWORD)
    assert login.returncode == 0, login.stderr
    return served_on


def test_every_verdict_comes_back_with_its_words(enrolled: Served, tmp_path: Path) -> None:
    for verdict, (source, status, words) in SUBMISSIONS.items():
        (tmp_path / "solution.py").write_text(source)
        done = enrolled.run("submit", "tiny", str(tmp_path / "solution.py"), "--wait", "--json")
        assert done.returncode == status, done.stderr + done.stdout
        report = json.loads(done.stdout)["report"]
        assert report["verdict"] == verdict
        assert words in report["feedback"]
        assert report["timings"]["queue_s"] >= 0


def test_a_worker_killed_in_the_sandbox_costs_nothing(
    enrolled: Served, tmp_path: Path, until: Any, children_of: Any
) -> None:
    # Long enough to be seen running and killed, on a machine that takes seconds for a `grader status`.
    slow = GOOD.replace("def build_model():\n", "def build_model():\n    import time; time.sleep(8)\n")
    (tmp_path / "slow.py").write_text(slow)
    sent = enrolled.run("submit", "tiny", str(tmp_path / "slow.py"))
    submission = sent.stdout.split()[-1]

    def state() -> dict[str, Any]:
        return dict(json.loads(enrolled.run("status", submission, "--json").stdout))

    until(lambda: state()["state"] == "running", 60, "the run")
    os.kill(children_of(enrolled.process.pid)["grading"], signal.SIGKILL)
    done = enrolled.run("status", submission, "--wait", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["attempt"] >= 2
