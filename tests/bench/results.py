"""What was measured: plain numbers by key, and the details beside them."""

from __future__ import annotations

import json
import math
import os
import platform
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.goals import GOALS

LIBRARIES = ("keras", "tensorflow", "numpy", "celery", "flask", "sqlalchemy", "waitress")


@dataclass
class Results:
    """Figures as they come in; `quick` asks every group for smaller numbers."""

    quick: bool
    console: Console
    figures: dict[str, float] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    def count(self, full: int, quick: int) -> int:
        """How many to measure."""
        return quick if self.quick else full

    def say(self, words: str) -> None:
        """Progress, with the seconds since the start."""
        self.console.print(f"[dim]{time.monotonic() - self.started:6.0f} s[/]  {words}", highlight=False)

    def add(self, key: str, value: float, samples: int, **details: Any) -> None:
        """One figure; KeyError for one that nobody has a goal for."""
        goal = GOALS[key]
        if not math.isfinite(value):
            raise ValueError(f"{key} is {value}")
        self.figures[key] = round(float(value), 4)
        self.details[key] = {"what": goal.words, "samples": samples, **details}
        self.say(f"{key} = {value:.4g} ({goal})")

    def save(self, path: Path) -> None:
        """bench.json: the figures at the top level, everything else under `details`."""
        details = {"quick": self.quick, "seconds": round(time.monotonic() - self.started), **machine()}
        whole = self.figures | {"details": details | self.details}
        path.write_text(json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")

    def table(self) -> Table:
        """Figure, value, goal, whether it is met, samples, what it is."""
        table = Table("figure", "value", "goal", "", "samples", "what it is", show_edge=False)
        for key, goal in GOALS.items():
            if key in self.figures:
                met = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}[
                    goal.is_met(self.figures[key])
                ]
                samples = str(self.details[key]["samples"])
                table.add_row(key, f"{self.figures[key]:.4g}", str(goal), met, samples, goal.words)
        return table


def machine() -> dict[str, Any]:
    """What it was measured on, without its name."""
    info = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    models = [line.partition(":")[2].strip() for line in info if line.startswith("model name")]
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "machine": {
            "cores": len(os.sched_getaffinity(0)),
            "processor": models[0] if models else platform.machine(),
            "memory_gib": round(pages / 2**30, 1),
            "kernel": platform.release(),
            "load_at_the_end": [round(each, 2) for each in os.getloadavg()],
        },
        "versions": {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES},
    }


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Median, lowest and highest, and the raw values."""
    return {
        "median": round(statistics.median(values), 4),
        "lowest": round(min(values), 4),
        "highest": round(max(values), 4),
        "raw": [round(value, 4) for value in values],
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
