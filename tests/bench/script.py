"""The yardstick: `python solution.py`, a fresh process each time, on the very data that the grader trains on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from grader.domain.training import TrainingPlan
from grader.settings import BUILT_IN_ASSIGNMENTS
from tests.bench.metering import metered
from tests.bench.results import spread
from workers.training.datasets import load_dataset
from workers.training.declaration import find_declarations

ROOT = Path(__file__).resolve().parents[2]
SOLUTION = Path(__file__).with_name("at_home") / "solution.py"
LONGEST_SECONDS = 120.0


@dataclass
class FreshScript:
    """Runs in a folder that `prepare` has made; remembers CPU and wall seconds of each run."""

    folder: Path
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Once, counted."""
        with metered() as meter:
            start = time.monotonic()
            process = meter.start(
                [sys.executable, SOLUTION.name],
                cwd=self.folder,
                env=plain_environment(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            status = process.wait(LONGEST_SECONDS)
            self.wall.append(time.monotonic() - start)
            self.cpu.append(meter.seconds())
        if status:
            raise RuntimeError(f"python solution.py ended with {status}")

    def told(self) -> dict[str, Any]:
        """For the details."""
        return {"script_cpu_s": spread(self.cpu), "script_wall_s": spread(self.wall)}


def prepare(folder: Path) -> None:
    """The script beside its data; it has run once, which reads the libraries from disk."""
    folder.mkdir()
    shutil.copy(SOLUTION, folder)
    save_data(folder)
    FreshScript(folder).run()


def plain_environment() -> dict[str, str]:
    """What a shell would hand over, and a quiet TensorFlow."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"TF_CPP_MIN_LOG_LEVEL": "3"}


def save_data(folder: Path) -> None:
    """traffic.npz: what the trainer's inputs and labels are."""
    plan = TrainingPlan("traffic-signs", 3, 32, "adam", "categorical_crossentropy")
    data = load_dataset(plan.dataset, declarations=find_declarations(BUILT_IN_ASSIGNMENTS), data_dir=folder)
    pictures, labels = data.scaled(data.train_x), data.encoded(data.train_y, plan.loss)
    np.savez(folder / "traffic.npz", pictures=pictures, labels=labels)
