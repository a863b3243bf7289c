"""Every figure of the bench: its key in bench.json, what it is, and the goal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """`most` or `least` is what the figure should reach; neither where it is only told."""

    words: str
    most: float | None = None
    least: float | None = None

    def is_met(self, value: float) -> bool | None:
        """None where there is no goal."""
        if self.most is not None:
            return value <= self.most
        return value >= self.least if self.least is not None else None

    def __str__(self) -> str:
        """As the table shows it."""
        if self.most is not None:
            return f"≤ {self.most:.3g}"
        return f"≥ {self.least:.3g}" if self.least is not None else "told"


GOALS = {
    "cpu_ratio_uncached": Goal(
        "CPU of one traffic-dense grading, network not seen before / fresh script", 1 / 3
    ),
    "cpu_ratio_cached": Goal("CPU of one traffic-dense grading, network seen before / fresh script", 1 / 12),
    "cpu_ratio_storm": Goal(
        "CPU per submission of a storm, without what killed jobs burnt / fresh script", 1 / 10
    ),
    "latency_ratio_p50": Goal(
        "upload to final report, idle service, network seen before / fresh script", 1 / 6
    ),
    "storm_p95_ratio": Goal("95th percentile of honest waiting, with endless loops / without", 2.0),
    "scaling_2_workers": Goal("throughput of two workers / one, queue filled, nothing kept", least=1.6),
    "happy_ratio": Goal("CPU of our Happy House training / bare Keras fit of the same steps", 1.1),
    "happy_storm_ratio": Goal("CPU of distinct right Happy Houses, class plan / as many full plans", 1 / 4),
    "dashboard_p95_ms": Goal(
        "dashboard pages with 100,000 submissions (quick: 10,000), 95th percentile, ms", 100.0
    ),
    "dashboard_growth": Goal("the same / with 1,000 submissions", 1.5),
    "api_p95_ms": Goal(
        "API lists and gets with 100,000 submissions (quick: 10,000), 95th percentile, ms", 100.0
    ),
    "api_growth": Goal("the same / with 1,000 submissions", 1.5),
    "slow_clients_p95_ratio": Goal(
        "dashboard pages beside 200 clients without a whole request / without them, 95th percentile", 3.0
    ),
    "help_seconds": Goal("grader --help, seconds", 0.3),
    "peak_worker_mib": Goal("memory of one grading worker with sandbox and trainer at its peak, MiB"),
    "idle_service_mib": Goal("memory of the whole idle service, two workers, MiB"),
}
