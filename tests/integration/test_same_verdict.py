"""One submission graded fifty times on two real workers, nothing kept: one verdict, one score, the same numbers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from grader.cli.parts import open_parts
from grader.db.columns import utc_now
from grader.db.queries import Filter
from grader.db.tables import WorkerRow
from grader.domain.course import CountingRule, Role
from grader.services.courses import create_course
from grader.services.ports import Upload
from grader.services.submit import submit
from grader.wiring import Wiring
from tests.shared import UNTIL_WE_END

pytestmark = [pytest.mark.services, pytest.mark.training, pytest.mark.sandbox]

ROOT = Path(__file__).resolve().parents[2]
TIMES, WORKERS = 50, 2
SLUG = "traffic-dense"
SOURCE = (ROOT / "reference_solutions" / SLUG / "accepted" / "activation_layers.py").read_bytes()


@contextmanager
def working(folder: Path) -> Iterator[None]:
    """A control worker and two grading workers, as `grader worker` starts them."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    environ |= {
        "GRADER_RUN_CACHE": "off",
        "GRADER_ALLOW_DEGRADED_SANDBOX": "yes",
        "PYTHONPATH": str(ROOT),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    started = []
    try:
        for queues in ("control", *["grading,slow"] * WORKERS):
            words = ["worker", "--queues", queues, "--data-dir", str(folder)]
            with (folder / f"{len(started)}.log").open("wb") as log:
                command = [*UNTIL_WE_END, sys.executable, "-m", "grader.cli", *words]
                started.append(subprocess.Popen(command, env=environ, stdout=log, stderr=log, cwd=ROOT))
        yield
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(60)


def hand_in(parts: Wiring) -> None:
    """The same file by fifty students."""
    course = create_course(parts.courses, "c", "Course", CountingRule.BEST, [SLUG]).id
    for number in range(TIMES):
        student = parts.accounts.create(f"{number}@example.edu", f"Student {number}").id
        parts.courses.set_role(course, student, Role.STUDENT)
        submit(Upload(student, course, SLUG, SOURCE), parts.dispatcher, utc_now())


def await_reports(parts: Wiring, folder: Path) -> list[Any]:
    until = time.monotonic() + 500
    while time.monotonic() < until:
        items = parts.queries.submissions(Filter(page_size=TIMES)).items
        if all(item.done_at for item in items):
            return [parts.store.latest_report(item.id) for item in items]
        time.sleep(0.25)
    pytest.fail("\n".join(path.read_text(errors="replace")[-2000:] for path in folder.glob("*.log")))


def canaries(parts: Wiring) -> list[tuple[str, str | None]]:
    with parts.database.read() as session:
        return [(row.name, row.canary) for row in session.scalars(select(WorkerRow))]


def test_fifty_times_on_two_workers(tmp_path: Path, until: Any) -> None:
    parts = open_parts(tmp_path)
    try:
        hand_in(parts)
        with working(tmp_path):
            reports = await_reports(parts, tmp_path)
            until(lambda: len([1 for _, digest in canaries(parts) if digest]) == WORKERS, 60, "both canaries")
            assert parts.canaries.disagreeing(utc_now()) == []
    finally:
        parts.database.close()
    assert len(reports) == TIMES
    assert {(report.verdict.value, report.score) for report in reports} == {("passed", 10.0)}
    assert not any(report.parts[0].training.cached for report in reports)
    numbers = {
        tuple(
            (run.seed, run.test_accuracy, *((name, *curve) for name, curve in sorted(run.history.items())))
            for run in report.parts[0].training.runs
        )
        for report in reports
    }
    assert len(numbers) == 1, "every number of every epoch, to the last bit"
    assert len({report.provenance for report in reports}) == 1
    assert reports[0].provenance.cpu
