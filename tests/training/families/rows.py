"""What was trained, one line of JSON each, in a file that only grows: a line that was cut off by a kill is no line."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from grader.domain.canonical import canonical
from grader.domain.model_spec import ModelSpec
from grader.domain.report import DatasetStamp
from grader.domain.training import TrainingPlan
from workers.training.job import TrainingJob, dump_job
from workers.training.run_key import NO_NUMBER_DEPENDS_ON

FILE = "rows.jsonl"
_TRAINING = Path(__file__).resolve().parents[3] / "workers" / "training"
_SOURCES = ("build", "fitting", "moments", "normalized", "renewal", "stopping", "train", "validation")
"""Of workers/training: what a run's numbers hang on."""


@dataclass(frozen=True)
class Row:
    """One training: of a family on data of an origin from a seed. `key` names all that its numbers depend on."""

    family: str
    data: str
    seed: int
    key: str
    epochs: int
    training: float
    test: float
    by_averages: float | None
    params: int
    seconds: float


class InUse(RuntimeError):
    """Somebody else writes into the same folder."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder for as long as this process lives; InUse where another one does."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InUse(folder) from None
        yield


def key_of(model: ModelSpec, plan: TrainingPlan, data: DatasetStamp) -> str:
    """Of all seeds of a network: 16 hexadecimal digits; another one when network, plan, data, trainer or libraries change."""
    told = dump_job(TrainingJob(canonical(model), plan, 0, 1, ""))
    numbers = {name: value for name, value in told["plan"].items() if name not in NO_NUMBER_DEPENDS_ON}
    sources = [(_TRAINING / f"{name}.py").read_text("utf-8") for name in _SOURCES]
    libraries = [version(name) for name in ("keras", "tensorflow", "numpy")]
    text = json.dumps([told["form"], numbers, data.sha256, sources, libraries], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read(folder: Path) -> list[Row]:
    """Every whole line, the newest of those that are of one run."""
    found: dict[tuple[str, int], Row] = {}
    path = folder / FILE
    for line in path.read_text("utf-8", errors="replace").splitlines() if path.exists() else ():
        try:
            row = Row(**json.loads(line))
        except (ValueError, TypeError):
            continue
        found[row.key, row.seed] = row
    return list(found.values())


def append(folder: Path, rows: list[Row]) -> None:
    """Write at the end, on a line of its own whatever stands before, and see it on the disk."""
    path = folder / FILE
    with path.open("a+b") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            cut = file.read(1) != b"\n"
            file.write(b"\n" if cut else b"")
        for row in rows:
            file.write(json.dumps(asdict(row)).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
