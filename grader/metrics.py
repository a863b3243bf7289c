"""What Prometheus reads, made of one `Standing`: all of it from the database, nothing from this process's memory.

No label names a person, a course, an assignment, a worker or a machine: each has a handful of values that this file or
an enumeration lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.utils import floatToGoString

from grader.db import counts
from grader.db.counts import BEYOND, EDGES, NAMES, SUM, Key
from grader.domain.report import Verdict
from grader.services.flow import Flow, Worker
from grader.services.ports import WhyRefused
from grader.standing import Standing

LANES_OF_WORKERS = ("quick", "slow", "quick+slow")
STAGES = ("queue", "extract", "train", "total")
Labelled = Iterable[tuple[tuple[str, ...], float | None]]


def exposition(standing: Standing) -> bytes:
    """The text of `/metrics`."""
    registry = CollectorRegistry()
    registry.register(_Collector(standing))
    return generate_latest(registry)


class _Collector:
    """One look at the service, as the library asks for it."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def collect(self) -> Iterator[Metric]:
        """Every family; those of the database are left out while it is away."""
        yield from _machine(self._standing)
        if self._standing.database:
            yield from _lanes(self._standing)
            yield from _workers(self._standing)
            yield from _counted(self._standing.counts)
            yield from _owed(self._standing)


def _machine(standing: Standing) -> Iterator[Metric]:
    yield _one("grader_uploads_taken", "Whether what is handed in now is kept.", standing.takes_uploads)
    yield _one("grader_database_up", "Whether the database takes changes.", standing.database)
    yield _one("grader_broker_up", "Whether the broker answers.", standing.broker)
    yield _one("grader_disk_has_room", "Whether database and queue of this machine can grow.", standing.disk)
    if standing.put_aside is not None:
        yield _one(
            "grader_messages_put_aside", "Messages in the broker that were corrupt.", standing.put_aside
        )
    free = {(name,): float(number) for name, number in standing.free.items()}
    yield _gauge("grader_disk_free_bytes", "Free for what this machine writes.", ("what",), free.items())


def _lanes(standing: Standing) -> Iterator[Metric]:
    told: tuple[tuple[str, str, Callable[[Flow], float | None]], ...] = (
        ("drains", "Whether what waits there will be graded.", lambda flow: flow.drains),
        (
            "stopped_seconds",
            "For how long nothing has happened although somebody waits and a worker is free; 0 while it drains.",
            lambda flow: _seconds(flow.stopped_since, standing.at),
        ),
        (
            "oldest_waiting_seconds",
            "How long the oldest has waited.",
            lambda flow: flow.oldest_s(standing.at),
        ),
        ("waiting", "Submissions in line.", lambda flow: flow.facts.waiting),
        ("running", "Jobs with signs of life.", lambda flow: flow.facts.alive),
        ("workers", "Living workers that take it.", lambda flow: len(flow.workers)),
        (
            "work_seconds",
            "What waits, in seconds of one worker; absent while too little was measured.",
            lambda flow: flow.facts.work_s,
        ),
    )
    for name, about, value in told:
        values = {(NAMES[lane],): value(flow) for lane, flow in standing.lanes.items()}
        yield _gauge(f"grader_lane_{name}", about, ("lane",), values.items())


def _workers(standing: Standing) -> Iterator[Metric]:
    alive = Counter((_lanes_of(worker), _state_of(worker)) for worker in standing.workers)
    every = {(lanes, state): alive[lanes, state] for lanes in LANES_OF_WORKERS for state in ("idle", "busy")}
    yield _gauge(
        "grader_workers",
        "Living workers, by what they take and say that they do.",
        ("lanes", "state"),
        every.items(),
    )
    agree = standing.agree is not False
    yield _one("grader_workers_agree", "Whether all got the same out of the same small training.", agree)


def _counted(found: Mapping[Key, float]) -> Iterator[Metric]:
    lanes = tuple(NAMES.values())
    verdicts = [(lane, verdict.value) for lane in lanes for verdict in Verdict]
    by_lane = [(lane,) for lane in lanes]
    for name, about, labels, every in (
        (counts.REPORTS, "Reports that were saved.", ("lane", "verdict"), verdicts),
        (counts.FAULTS, "Attempts that ended in our fault and are made again.", ("lane",), by_lane),
        (counts.LOSSES, "Attempts that were lost with their worker.", ("lane",), by_lane),
        (
            counts.TRAININGS,
            "Trainings, kept ones of an earlier run included.",
            ("run",),
            [("kept",), ("fresh",)],
        ),
        (
            counts.REFUSED,
            "Words about jobs that were not believed.",
            ("why",),
            [(why.value,) for why in WhyRefused],
        ),
        (counts.DIFFERING, "Kept trainings that came out otherwise when they were made again.", (), [()]),
    ):
        counter = CounterMetricFamily(f"grader_{name}", about, labels=labels)
        for values in every:
            counter.add_metric(values, found.get((name, ",".join(values)), 0.0))
        yield counter
    yield _stage_times(found)


def _stage_times(found: Mapping[Key, float]) -> Metric:
    about = (
        "Seconds of graded submissions; queue: from the upload to a worker's first word, total: from then on."
    )
    family = HistogramMetricFamily("grader_stage_seconds", about, labels=("lane", "stage"))
    edges = [*(f"{edge:g}" for edge in EDGES), BEYOND]
    for lane in NAMES.values():
        for stage in STAGES:
            each = [found.get((counts.STAGES, f"{lane},{stage},{edge}"), 0.0) for edge in edges]
            ends = [*map(floatToGoString, EDGES), "+Inf"]
            total = found.get((counts.STAGES, f"{lane},{stage},{SUM}"), 0.0)
            family.add_metric((lane, stage), list(zip(ends, accumulate(each), strict=True)), total)
    return family


def _owed(standing: Standing) -> Iterator[Metric]:
    yield _one("grader_deliveries_owed", "Outgoing webhooks that wait.", standing.owed.messages)
    yield _one(
        "grader_delivery_overdue_seconds",
        "For how long the most overdue of them has been due.",
        standing.owed.overdue_s,
    )


def _lanes_of(worker: Worker) -> str:
    return "+".join(NAMES[lane] for lane in NAMES if lane in worker.lanes)


def _state_of(worker: Worker) -> str:
    return "busy" if worker.idle_since is None else "idle"


def _seconds(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


def _one(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=float(value))


def _gauge(name: str, about: str, labels: tuple[str, ...], values: Labelled) -> Metric:
    family = GaugeMetricFamily(name, about, labels=labels)
    for label, value in values:
        if value is not None:
            family.add_metric(label, float(value))
    return family
