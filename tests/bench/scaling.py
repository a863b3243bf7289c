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
from tests.bench.service import ENVIRONMENT, ROOT, await_rest

KEYS = ("scaling_2_workers",)
EDGE = 2
"""Reports at either end that do not count: before the first and after the last, workers are not all at work."""

LONGEST_SECONDS = 300.0


def run(results: Results) -> None:
    """One worker, then a second beside it, each warm; and again with new ones."""
    jobs, turns = results.count(40, 8), results.count(3, 1)
    rates: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(turns):
        with tempfile.TemporaryDirectory(prefix="bench-scaling-") as name, _working(Path(name)) as house:
            for workers, found in rates.items():
                house.add_worker()
                found.append(_rate(house, workers, jobs))
                results.say(f"{workers} worker{'s' * (workers > 1)}: {found[-1]:.3f} submissions a second")
    ratio = statistics.median(rates[2]) / statistics.median(rates[1])
    per_second = {f"per_second_{workers}": spread(found) for workers, found in rates.items()}
    results.add(KEYS[0], ratio, 2 * turns * (jobs - 2 * EDGE), **per_second)


def _rate(house: _House, workers: int, jobs: int) -> float:
    """Submissions a second, once each worker has graded."""
    await_rest(house.meter)
    house.line.fill(3 * workers)
    house.line.await_reports()
    await_rest(house.meter)
    house.line.fill(jobs)
    done = house.line.await_reports()[-jobs:]
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


class _House:
    """A control worker, and grading workers that come one by one; all count in one meter."""

    def __init__(self, data_dir: Path, line: _Line, meter: Meter) -> None:
        self._data_dir = data_dir
        self.line = line
        self.meter = meter
        self._start("control")

    def add_worker(self) -> None:
        """Start one more."""
        self._start("grading,slow")
        time.sleep(3.0)

    def _start(self, queues: str) -> None:
        environ = os.environ | ENVIRONMENT | {"GRADER_RUN_CACHE": "off"}
        words = ["worker", "--queues", queues, "--data-dir", str(self._data_dir)]
        with (self._data_dir / "workers.log").open("ab") as log:
            self.meter.start(
                [sys.executable, "-m", "grader.cli", *words], env=environ, stdout=log, stderr=log, cwd=ROOT
            )


@contextmanager
def _working(data_dir: Path) -> Iterator[_House]:
    """Everybody goes home with the block."""
    parts = open_parts(data_dir)
    try:
        with metered() as meter:
            yield _House(data_dir, _Line(parts), meter)
    finally:
        parts.database.close()
