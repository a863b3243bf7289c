"""Two workers beside one: a filled queue, nothing kept, no web server; the rate between two reports well inside."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path

from grader.cli.parts import open_parts
from grader.db.columns import utc_now
from grader.db.queries import Filter
from grader.domain.course import CountingRule, Role
from grader.domain.report import Verdict
from grader.services.courses import create_course
from grader.services.ports import Upload
from grader.services.submit import submit
from grader.wiring import Wiring
from tests.bench import sources
from tests.bench.metering import Meter, metered
from tests.bench.results import Results, spread
from tests.bench.service import ENVIRONMENT, QUIET_CORES, ROOT

KEYS = ("scaling_2_workers",)
EDGE = 2
"""Reports at either end that do not count: before the first and after the last, workers are not all at work."""

LONGEST_SECONDS = 300.0


def run(results: Results) -> None:
    """One, two, one, two …; each with workers of its own that have graded before."""
    jobs, turns = results.count(40, 10), results.count(3, 1)
    rates: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(turns):
        for workers, found in rates.items():
            found.append(_rate(workers, jobs))
            results.say(f"{workers} worker{'s' * (workers > 1)}: {found[-1]:.3f} submissions a second")
    ratio = statistics.median(rates[2]) / statistics.median(rates[1])
    per_second = {f"per_second_{workers}": spread(found) for workers, found in rates.items()}
    results.add(KEYS[0], ratio, 2 * turns * (jobs - 2 * EDGE), **per_second)


def _rate(workers: int, jobs: int) -> float:
    with tempfile.TemporaryDirectory(prefix="bench-scaling-") as name:
        parts = open_parts(Path(name))
        line = _Line(parts)
        try:
            with _working(Path(name), workers) as meter:
                line.fill(3 * workers)
                line.await_reports()
                _rest(meter)
                line.fill(jobs)
                done = line.await_reports()[-jobs:]
        finally:
            parts.database.close()
    inside = done[EDGE:-EDGE]
    return (len(inside) - 1) / (inside[-1] - inside[0]).total_seconds()


class _Line:
    """Submissions put in line without a web server."""

    def __init__(self, parts: Wiring) -> None:
        self._parts = parts
        self._course = create_course(parts.courses, "bench", "Bench", CountingRule.BEST, [sources.SLUG]).id
        self._numbers = count()

    def fill(self, jobs: int) -> None:
        """A student for each job, whose limits nobody reaches."""
        for number in [next(self._numbers) for _ in range(jobs)]:
            student = self._parts.accounts.create(f"{number}@example.edu", f"Student {number}").id
            self._parts.courses.set_role(self._course, student, Role.STUDENT)
            upload = Upload(student, self._course, sources.SLUG, sources.right(number).encode())
            submit(upload, self._parts.dispatcher, utc_now())

    def await_reports(self) -> Sequence[datetime]:
        """When each was done, in that order; RuntimeError unless all passed."""
        until = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < until:
            items = self._parts.queries.submissions(Filter(page_size=200)).items
            done = sorted(item.done_at for item in items if item.done_at)
            if len(done) == len(items):
                if {item.verdict for item in items} != {Verdict.PASSED}:
                    raise RuntimeError("a right submission did not pass")
                return done
            time.sleep(0.25)
        raise TimeoutError("the queue does not get empty")


@contextmanager
def _working(data_dir: Path, workers: int) -> Iterator[Meter]:
    """A control worker and so many grading workers, at rest."""
    environ = os.environ | ENVIRONMENT | {"GRADER_RUN_CACHE": "off"}
    with metered() as meter, (data_dir / "workers.log").open("wb") as log:
        for queues in ("control", *["grading,slow"] * workers):
            words = ["worker", "--queues", queues, "--data-dir", str(data_dir)]
            command = [sys.executable, "-m", "grader.cli", *words]
            meter.start(command, env=environ, stdout=log, stderr=log, cwd=ROOT)
        time.sleep(3.0)
        _rest(meter)
        yield meter


def _rest(meter: Meter) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        before = meter.seconds()
        time.sleep(1.0)
        if meter.seconds() - before < QUIET_CORES:
            return
    raise TimeoutError("the workers do not come to rest")
