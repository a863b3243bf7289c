"""A real `grader serve` on a folder of its own, counted from its first instruction, and students who hand in over HTTP."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.cli import session as http
from grader.cli.parts import open_parts
from grader.db.columns import utc_now
from grader.domain.course import CountingRule, Role
from grader.services.courses import create_course
from grader.wiring import Wiring
from tests.bench.metering import Meter, metered

ROOT = Path(__file__).resolve().parents[2]
COURSE = "bench"
STARTUP_SECONDS = 120.0
LONGEST_SECONDS = 180.0
QUIET_CORES = 0.3
ENVIRONMENT = {"GRADER_SANDBOX_MODE": "forkserver", "GRADER_ALLOW_DEGRADED_SANDBOX": "1"}


@dataclass(frozen=True)
class Service:
    """Where it is, what counts it, and a session for each student and the TA."""

    address: str
    folder: Path
    meter: Meter
    students: Sequence[http.Session]
    staff: http.Session

    def hand_in(self, student: int, slug: str, source: str) -> str:
        """One upload; its id."""
        session = self.students[student]
        return str(http.hand_in(session, slug, "submission.py", source.encode(), COURSE)["id"])

    def report(self, submission: str, poll_seconds: float) -> Mapping[str, Any]:
        """The final report, asked for again and again; TimeoutError after minutes."""
        until = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < until:
            found = http.call(self.staff, "GET", f"/submissions/{submission}")
            if found["state"] == "done":
                return dict(found["report"])
            time.sleep(poll_seconds)
        raise TimeoutError(f"{submission} is not graded yet")

    def forget_runs(self) -> None:
        """Empty the cache of trained runs."""
        for path in (self.folder / "data" / "cache" / "runs").glob("*.json"):
            path.unlink()

    def settle(self, seconds: float = 1.0, longest: float = 60.0) -> None:
        """Until nothing but polling goes on: workers are warm, and what a job leaves is cleared away."""
        await_rest(self.meter, seconds, longest)


@contextmanager
def serving(
    folder: Path, slugs: Sequence[str], students: int = 1, workers: int = 2, **settings: str
) -> Iterator[Service]:
    """`grader serve` for as long as the block runs; warm, at rest, and nothing graded yet."""
    folder.mkdir()
    data_dir = folder / "data"
    parts = open_parts(data_dir)
    tokens = enrol(parts, slugs, students)
    parts.database.close()
    with metered() as meter:
        log = folder / "serve.log"
        process = start_service(meter, data_dir, log, workers, settings)
        try:
            address = _address(process, log)
            sessions = [http.Session(address, token) for token in tokens]
            service = Service(address, folder, meter, sessions[1:], sessions[0])
            service.settle(seconds=2.0)
            yield service
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def await_rest(meter: Meter, seconds: float = 1.0, longest: float = 60.0) -> None:
    """Until what is counted has used next to no CPU for so long."""
    until = time.monotonic() + longest
    while time.monotonic() < until:
        before = meter.seconds()
        time.sleep(seconds)
        if meter.seconds() - before < QUIET_CORES * seconds:
            return
    raise TimeoutError("what was started does not come to rest")


def enrol(parts: Wiring, slugs: Sequence[str], students: int) -> list[str]:
    """A course with a TA and students; a token for each, the TA's first."""
    course = create_course(parts.courses, COURSE, "Bench", CountingRule.BEST, list(slugs))
    tokens = []
    for number in range(students + 1):
        user = parts.accounts.create(f"person-{number}@example.edu", f"Person {number}")
        parts.courses.set_role(course.id, user.id, Role.STUDENT if number else Role.TA)
        tokens.append(parts.accounts.issue_token(user.id, "bench", utc_now())[0])
    return tokens


def start_service(
    meter: Meter, data_dir: Path, log: Path, workers: int, settings: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """The process, with its output in `log`."""
    words = ["serve", "--port", "0", "--data-dir", str(data_dir), "--workers", str(workers)]
    environ = os.environ | ENVIRONMENT | {f"GRADER_{name.upper()}": text for name, text in settings.items()}
    with log.open("wb") as output:
        return meter.start(
            [sys.executable, "-u", "-m", "grader.cli", *words],
            env=environ,
            stdout=output,
            stderr=output,
            cwd=ROOT,
        )


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < until and process.poll() is None:
        found = re.search(r"The grader is at (\S+)", log.read_text("utf-8"))
        if found:
            return found[1]
        time.sleep(0.1)
    raise RuntimeError(f"the service did not start:\n{log.read_text('utf-8')}")
