"""Otter-Grader beside us, when it is installed in an environment of its own (docs/benchmarks.md says how).

`otter run` is its way to grade one file on this machine: no sandbox, no service, one process for each submission.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench import sources
from tests.bench.metering import metered
from tests.bench.results import spread
from tests.bench.script import ROOT, FreshScript, plain_environment, save_data

PLACE = ROOT / ".venv-otter"
TEST = Path(__file__).with_name("at_home") / "otter_question.py"
LONGEST_SECONDS = 180.0


@dataclass
class Otter:
    """Grades the same network by the same data, one run at a time."""

    program: Path
    folder: Path
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Its autograder is a zip file of the test and the data."""
        for name in ("tests", "graded"):
            (self.folder / name).mkdir(parents=True)
        shutil.copy(TEST, self.folder / "tests" / "dense.py")
        save_data(self.folder)
        (self.folder / "submission.py").write_text(
            sources.reference(sources.SLUG, "activation_layers"), "utf-8"
        )
        words = ["generate", "-t", "tests", "-o", "autograder.zip", "traffic.npz"]
        subprocess.run([self.program, *words], **self._options(), check=True)
        self.run()
        self.cpu.clear()
        self.wall.clear()

    def run(self) -> None:
        """Once, counted; RuntimeError unless all points were given."""
        with metered() as meter:
            start = time.monotonic()
            words = ["run", "-a", "autograder.zip", "-o", "graded", "submission.py"]
            status = meter.start([str(self.program), *words], **self._options()).wait(LONGEST_SECONDS)
            self.wall.append(time.monotonic() - start)
            self.cpu.append(meter.seconds())
        told = self.folder / "graded" / "results.json"
        tests = json.loads(told.read_text("utf-8"))["tests"] if told.exists() else []
        if status or [test["score"] for test in tests if test["name"] == "dense"] != [10]:
            raise RuntimeError(f"otter run ended with {status} and {tests}")

    def told(self, script: FreshScript, ours: dict[str, list[float]]) -> dict[str, Any]:
        """For the details: its seconds, and ratios to the fresh script and of ours to it."""
        cpu = statistics.median(self.cpu)
        return {
            "otter_cpu_s": spread(self.cpu),
            "otter_wall_s": spread(self.wall),
            "otter_cpu_ratio": round(cpu / statistics.median(script.cpu), 4),
            **{f"{kind}_to_otter": round(statistics.median(each) / cpu, 4) for kind, each in ours.items()},
        }

    def _options(self) -> dict[str, Any]:
        environ = plain_environment()
        environ["PATH"] = f"{self.program.parent}{os.pathsep}{environ['PATH']}"
        return {
            "cwd": self.folder,
            "env": environ,
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
        }


def find_otter(folder: Path) -> Otter | None:
    """Where BENCH_OTTER says, or in `.venv-otter`; None where it is not installed."""
    program = Path(os.environ.get("BENCH_OTTER", PLACE / "bin" / "otter"))
    return Otter(program, folder / "otter") if program.exists() else None
