"""One traffic-dense through the whole idle service, beside the fresh script, in turns: CPU and waiting; and memory."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from tests.bench import sources
from tests.bench.ground import LARGEST, Ground
from tests.bench.memory import Peak, grading_workers, whole_mib
from tests.bench.otter import Otter, find_otter
from tests.bench.results import Results, spread
from tests.bench.script import FreshScript
from tests.bench.service import Service

KEYS = ("cpu_ratio_uncached", "cpu_ratio_cached", "latency_ratio_p50", "peak_worker_mib", "idle_service_mib")
REST_SECONDS = 1.0
"""After a report, for what a job leaves behind; the polling of the idle service in this time counts as well."""


def run(results: Results, ground: Ground) -> None:
    """All CPU between upload and one second after the report: web server, both workers, sandbox, trainer, polling."""
    service, script = ground.service, ground.script()
    turns = _Turns(service)
    turns.warm_up()
    idle = whole_mib(service.meter)
    with tempfile.TemporaryDirectory(prefix="bench-grading-") as name:
        otter = find_otter(Path(name))
        turns.go(script, otter, results)
    peak = _peak(service, results)
    _tell(results, script, otter, turns)
    results.add("idle_service_mib", idle, 1)
    results.add("peak_worker_mib", peak.mib, peak.looks, exercises=_largest(results))


def _largest(results: Results) -> tuple[str, ...]:
    return LARGEST[:1] if results.quick else LARGEST


def _peak(service: Service, results: Results) -> Peak:
    """While references of the exercises with the largest networks are graded, one after the other."""
    service.forget_runs()
    with Peak(lambda: grading_workers(service.meter)) as peak:
        for slug in _largest(results):
            report = service.report(service.hand_in(0, slug, sources.reference(slug)), 0.2)
            if report["verdict"] != "passed":
                raise RuntimeError(f"a reference solution of {slug} is {report['verdict']}")
    return peak


class _Turns:
    """What was measured, in seconds."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._numbers = count()
        self.cpu: dict[str, list[float]] = {"uncached": [], "cached": []}
        self.waiting: list[float] = []
        self.idle_cores = 0.0

    def warm_up(self) -> None:
        """Both workers grade: together, so that each gets some. Then what they do when nobody hands in."""
        for each in [self._hand_in() for _ in range(6)]:
            self._service.report(each, 0.1)
        self._service.settle()
        before = self._service.meter.seconds()
        time.sleep(3.0)
        self.idle_cores = (self._service.meter.seconds() - before) / 3.0

    def go(self, script: FreshScript, otter: Otter | None, results: Results) -> None:
        """Script, grading without and with the run in the cache, waiting; and again."""
        turns = results.count(full=9, quick=2)
        for turn in range(1, turns + 1):
            script.run()
            if otter:
                otter.run()
            self._service.forget_runs()
            self.cpu["uncached"].append(self._cpu(is_kept=False))
            self.cpu["cached"].append(self._cpu(is_kept=True))
            self.waiting += [self._wait() for _ in range(3)]
            results.say(
                f"turn {turn} of {turns}: script {script.cpu[-1]:.2f}, not kept {self.cpu['uncached'][-1]:.2f},"
                f" kept {self.cpu['cached'][-1]:.2f} CPU seconds; {self.waiting[-1]:.2f} s of waiting"
            )

    def _hand_in(self) -> str:
        return self._service.hand_in(0, sources.SLUG, sources.right(next(self._numbers)))

    def _cpu(self, *, is_kept: bool) -> float:
        before = self._service.meter.seconds()
        _judge(self._service.report(self._hand_in(), 0.1), is_kept=is_kept)
        time.sleep(REST_SECONDS)
        return self._service.meter.seconds() - before

    def _wait(self) -> float:
        start = time.monotonic()
        report = self._service.report(self._hand_in(), 0.01)
        seconds = time.monotonic() - start
        _judge(report, is_kept=True)
        self._service.settle(0.5)
        return seconds


def _judge(report: Mapping[str, Any], *, is_kept: bool) -> None:
    """What is measured must be what is meant."""
    kept = [part["training"]["cached"] for part in report["parts"]]
    if report["verdict"] != "passed" or kept != [is_kept]:
        raise RuntimeError(f"expected a pass with cached={is_kept}, got {report['verdict']} with {kept}")


def _tell(results: Results, script: FreshScript, otter: Otter | None, turns: _Turns) -> None:
    beside = script.told() | {"idle_cores": round(turns.idle_cores, 4)}
    if otter:
        beside |= otter.told(script, turns.cpu)
        results.say(f"Otter-Grader: {statistics.median(otter.cpu):.2f} CPU seconds for one submission")
    for kind, seconds in turns.cpu.items():
        ratio = statistics.median(seconds) / statistics.median(script.cpu)
        results.add(f"cpu_ratio_{kind}", ratio, len(seconds), cpu_s=spread(seconds), **beside)
    ratio = statistics.median(turns.waiting) / statistics.median(script.wall)
    results.add("latency_ratio_p50", ratio, len(turns.waiting), waiting_s=spread(turns.waiting), **beside)
