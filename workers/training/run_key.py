"""The name of a run: a hash of everything that its numbers depend on, and of nothing else.

The form with every option of every layer, the plan, the data, the seed, the number of threads (it changes the last bits
of convolutions), this code, its libraries, and the processor: libraries choose their kernels by it.
"""

from __future__ import annotations

import hashlib
import json
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from workers.training.datasets import Dataset
from workers.training.job import TrainingJob, dump_job

NO_NUMBER_DEPENDS_ON = ("dataset", "seeds", "threshold", "long", "borderline", "margin")
"""Of a plan: data and seed have entries of their own, the others only judge and limit. What is new is in the key."""

_ROOT = Path(__file__).resolve().parents[2]
_SOURCES = ("workers/training", "grader/domain")
_LIBRARIES = ("keras", "tensorflow", "numpy")
_OF_A_PROCESSOR = ("model name", "flags", "cache size", "CPU implementer", "CPU part", "Features")


def run_key(job: TrainingJob, dataset: Dataset) -> str:
    """64 hexadecimal digits. Nobody chooses them but by handing in that very network."""
    text = json.dumps(_facts(job, dataset), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _facts(job: TrainingJob, dataset: Dataset) -> dict[str, Any]:
    told = dump_job(job)
    plan = {name: value for name, value in told["plan"].items() if name not in NO_NUMBER_DEPENDS_ON}
    data = {
        "sha256": dataset.sha256,
        "scaling": [dataset.scaling.divide, dataset.scaling.subtract],
        "classes": list(dataset.classes),
        "encoding": dataset.encoding.value,
    }
    return {
        "form": told["form"],
        "plan": plan,
        "data": data,
        "seed": job.seed,
        "threads": job.threads,
        "trainer": trainer_version(),
    }


@cache
def trainer_version() -> str:
    """Names this code, its libraries and the processor that it runs on."""
    libraries = [f"{name} {version(name)}" for name in _LIBRARIES]
    return _digest("\n".join([*libraries, _own_code(), platform.python_version(), _processor()]))


def _own_code() -> str:
    files = [path for folder in _SOURCES for path in sorted((_ROOT / folder).rglob("*.py"))]
    return "".join(f"{path.relative_to(_ROOT)} {_digest(path.read_text('utf-8'))}\n" for path in files)


def _processor() -> str:
    try:
        first = Path("/proc/cpuinfo").read_text("utf-8", errors="replace").partition("\n\n")[0]
    except OSError:
        first = platform.node()  # a machine that does not tell shares with no other
    told = [line for line in first.splitlines() if line.partition(":")[0].strip() in _OF_A_PROCESSOR]
    return "\n".join([platform.machine(), *(told or [first])])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
