"""A deadline: many students hand in at once over HTTP, right, wrong, broken and endless; CPU and waiting.

What killed jobs burnt is watched from outside: the CPU times of the processes that run student code, as last seen ten
times a second. A job counts as killed that used more than the endless ones are allowed in the quick lane; others need a
fifth of that. So at most a tenth of a second of each is not taken off.
"""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from grader.cli import session as http
from tests.bench import sources
from tests.bench.ground import Ground
from tests.bench.metering import Meter
from tests.bench.results import Results, percentile
from tests.bench.script import FreshScript
from tests.bench.service import Service

KEYS = ("cpu_ratio_storm", "storm_p95_ratio")
FIRST_JOB_USER = 20_000
KILLED_FROM = 0.7
LOOK_EVERY = 0.1
LONGEST_SECONDS = 900.0
TICK = os.sysconf("SC_CLK_TCK")


def run(results: Results, ground: Ground) -> None:
    """Without the endless loops, then with them, on a service that has forgotten its runs; fresh scripts in between."""
    service, script = ground.service, ground.script()
    many = results.count(full=300, quick=20)
    storms = []
    for endless in (False, True):
        for _ in range(results.count(full=3, quick=1 - len(storms))):
            script.run()
        service.forget_runs()
        service.settle()
        storms.append(_storm(service, sources.storm(many, endless=endless), results))
    for _ in range(results.count(full=1, quick=0)):
        script.run()
    _tell(results, script, *storms)


def _storm(service: Service, pieces: list[sources.Piece], results: Results) -> dict[str, Any]:
    """What it cost, and how long each honest one waited, from arrival to report, by the service's own clock."""
    before = service.meter.seconds()
    with JobWatch(service.meter) as watch:
        start = time.monotonic()
        kinds = _hand_in_all(service, pieces)
        handed_in = time.monotonic() - start
        _await_all(service, results)
        seconds = time.monotonic() - start
        service.settle()
    cpu = service.meter.seconds() - before
    rows = [row for row in _rows(service) if row["id"] in kinds]
    _judge(rows, kinds)
    waited = [_waited(row) for row in rows if kinds[row["id"]].kind != "endless"]
    killed = watch.killed()
    return {
        "submissions": len(rows),
        "cpu_s": round(cpu, 2),
        "killed_jobs": len(killed),
        "killed_jobs_cpu_s": round(sum(killed), 2),
        "cpu_s_each": round((cpu - sum(killed)) / len(rows), 4),
        "handing_in_s": round(handed_in, 2),
        "seconds": round(seconds, 2),
        "honest_waited_s": {share: round(percentile(waited, share / 100), 2) for share in (50, 95, 100)},
    }


def _hand_in_all(service: Service, pieces: list[sources.Piece]) -> Mapping[str, sources.Piece]:
    """Every student hands in as fast as the answers come; id → piece."""
    shares = [pieces[student :: len(service.students)] for student in range(len(service.students))]

    def of(student: int) -> list[tuple[str, sources.Piece]]:
        return [(service.hand_in(student, sources.SLUG, one.source), one) for one in shares[student]]

    with ThreadPoolExecutor(len(shares)) as pool:
        return {
            submission: piece for found in pool.map(of, range(len(shares))) for submission, piece in found
        }


def _await_all(service: Service, results: Results) -> None:
    """One small question a second."""
    until, told = time.monotonic() + LONGEST_SECONDS, time.monotonic()
    while time.monotonic() < until:
        left = sum(
            http.call(service.staff, "GET", f"/submissions?state={state}&page_size=1")["total"]
            for state in ("queued", "running")
        )
        if not left:
            return
        if time.monotonic() - told > 10:
            told = time.monotonic()
            results.say(f"{left} are not graded yet")
        time.sleep(1.0)
    raise TimeoutError("the storm does not end")


def _rows(service: Service) -> list[dict[str, Any]]:
    found, page, pages = [], 1, 1
    while page <= pages:
        answer = http.call(service.staff, "GET", f"/submissions?page={page}&page_size=200")
        found += answer["items"]
        page, pages = page + 1, answer["pages"]
    return found


def _judge(rows: Sequence[Mapping[str, Any]], kinds: Mapping[str, sources.Piece]) -> None:
    """A storm in which somebody got a wrong verdict measures nothing."""
    wrong = [
        f"{kinds[row['id']].kind} is {row['verdict']}"
        for row in rows
        if row["verdict"] != kinds[row["id"]].verdict
    ]
    if wrong or len(rows) != len(kinds):
        raise RuntimeError(f"{len(rows)} of {len(kinds)} graded; wrong: {wrong}")


def _waited(row: Mapping[str, Any]) -> float:
    done, received = (datetime.fromisoformat(row[name]) for name in ("done_at", "received_at"))
    return (done - received).total_seconds()


class JobWatch:
    """CPU seconds of the processes that run student code: they have users of their own, one for each job."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._seconds: dict[tuple[int, int], float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def killed(self) -> list[float]:
        """Of each job that used more than honest ones do; none where jobs have no users of their own."""
        return [seconds for seconds in self._seconds.values() if seconds > KILLED_FROM]

    def _look(self) -> None:
        while not self._over.wait(LOOK_EVERY):
            for pid in self._meter.pids():
                with suppress(OSError, IndexError):
                    if Path(f"/proc/{pid}").stat().st_uid >= FIRST_JOB_USER:
                        words = (
                            Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
                        )
                        self._seconds[pid, int(words[19])] = (int(words[11]) + int(words[12])) / TICK


def _tell(results: Results, script: FreshScript, honest: Mapping[str, Any], full: Mapping[str, Any]) -> None:
    beside = {"with_endless": full, "without_endless": honest}
    each = full["cpu_s_each"] / statistics.median(script.cpu)
    results.add("cpu_ratio_storm", each, full["submissions"], **beside, **script.told())
    ratio = full["honest_waited_s"][95] / honest["honest_waited_s"][95]
    results.add("storm_p95_ratio", ratio, full["submissions"] + honest["submissions"], **beside)
