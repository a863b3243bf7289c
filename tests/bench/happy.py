"""The Happy House: our training beside the bare `fit` of the same steps, and a class's work by both plans."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from grader.settings import BUILT_IN_ASSIGNMENTS
from tests.bench import sources
from tests.bench.metering import Meter, metered
from tests.bench.results import Results, spread
from tests.bench.script import ROOT, plain_environment
from workers.training.datasets import load_dataset
from workers.training.declaration import find_declarations

KEYS = ("happy_ratio", "happy_storm_ratio")
SLUG = "happy-house"
DOCUMENT = sources.SOLUTIONS / SLUG / "accepted" / "document.py"
BARE = Path(__file__).with_name("at_home") / "happy.py"
BATCH_SIZE, VALIDATION_SPLIT = 16, 0.2


def run(results: Results) -> None:
    """Both figures from one warm pipeline that keeps nothing."""
    with tempfile.TemporaryDirectory(prefix="bench-happy-") as name, piping(Path(name) / "data") as pipeline:
        if not results.quick:
            pipeline.ask(do="grade", slug=SLUG, source=DOCUMENT.read_text("utf-8"), plan="class")
        _beside_bare_fit(Path(name), pipeline, results)
        _class_and_full_plan(pipeline, results)


class PipelineProcess:
    """A pipeline in a process of its own, and what its last answer cost in CPU seconds and in seconds."""

    def __init__(self, meter: Meter, data_dir: Path) -> None:
        self._meter = meter
        self._process = meter.start(
            [sys.executable, "-m", "tests.bench.pipeline_process", str(data_dir)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.cpu = self.wall = 0.0

    def ask(self, **words: Any) -> Mapping[str, Any]:
        """One question, answered; RuntimeError when the process ends instead."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        before, start = self._meter.seconds(), time.monotonic()
        self._process.stdin.write(json.dumps(words).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        self.cpu, self.wall = self._meter.seconds() - before, time.monotonic() - start
        if not line:
            raise RuntimeError(f"the pipeline ended with {self._process.wait(30)}")
        return dict(json.loads(line))

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=60)


@contextmanager
def piping(data_dir: Path) -> Iterator[PipelineProcess]:
    """A pipeline for as long as the block runs."""
    data_dir.mkdir()
    with metered() as meter:
        pipeline = PipelineProcess(meter, data_dir)
        yield pipeline
        pipeline.close()


def _beside_bare_fit(folder: Path, pipeline: PipelineProcess, results: Results) -> None:
    """Ours is the whole call: fork, build, prepare, fit, predict, read the result. The other is `fit` and nothing else."""
    _prepare(folder)
    pipeline.ask(do="describe", slug=SLUG, source=DOCUMENT.read_text("utf-8"))
    ours: dict[str, list[float]] = {"cpu": [], "wall": []}
    bare: dict[str, list[float]] = {"cpu": [], "wall": []}
    for _ in range(results.count(5, 1)):
        epochs = int(pipeline.ask(do="train", slug=SLUG, most_epochs=results.count(40, 3))["epochs"])
        ours["cpu"].append(pipeline.cpu)
        ours["wall"].append(pipeline.wall)
        cpu, wall = _bare_fit(folder, epochs)
        bare["cpu"].append(cpu)
        bare["wall"].append(wall)
        results.say(f"{epochs} epochs: ours {pipeline.cpu:.2f}, bare {cpu:.2f} CPU seconds")
    told = {f"ours_{name}_s": spread(found) for name, found in ours.items()}
    told |= {f"bare_{name}_s": spread(found) for name, found in bare.items()}
    ratio = statistics.median(ours["cpu"]) / statistics.median(bare["cpu"])
    results.add("happy_ratio", ratio, len(ours["cpu"]), epochs=epochs, **told)


def _prepare(folder: Path) -> None:
    data = load_dataset(SLUG, declarations=find_declarations(BUILT_IN_ASSIGNMENTS), data_dir=folder / "data")
    labels = data.encoded(data.train_y, "binary_crossentropy")
    np.savez(folder / "happy.npz", pictures=data.scaled(data.train_x), labels=labels)
    shutil.copy(BARE, folder)
    shutil.copy(DOCUMENT, folder)


def _bare_fit(folder: Path, epochs: int) -> tuple[float, float]:
    """CPU and wall seconds of `fit`."""
    command = [sys.executable, BARE.name, str(epochs), str(BATCH_SIZE), str(VALIDATION_SPLIT)]
    done = subprocess.run(
        command, cwd=folder, env=plain_environment(), check=True, capture_output=True, timeout=600
    )
    cpu, wall = map(float, done.stdout.split()[-2:])
    return cpu, wall


def _class_and_full_plan(pipeline: PipelineProcess, results: Results) -> None:
    """All by the class plan, and every so many of them by the full one as well.

    Later networks are larger, so what all would cost by the full plan is the mean of those times their number.
    """
    many, every = results.count(40, 1), results.count(5, 1)
    ask = partial(_cpu, pipeline, is_small=results.quick)
    short: list[float] = []
    full: list[float] = []
    for number in range(many):
        short.append(ask(number, "class"))
        if number % every == every // 2:
            full.append(ask(number, "document"))
            results.say(
                f"{number + 1} of {many}: {short[-1]:.1f} by the class plan, {full[-1]:.1f} by the full"
            )
    ratio = statistics.mean(short) / statistics.mean(full)
    results.add("happy_storm_ratio", ratio, many, class_cpu_s=spread(short), full_cpu_s=spread(full))


def _cpu(pipeline: PipelineProcess, number: int, plan: str, *, is_small: bool) -> float:
    source = sources.happy_house(number, is_small=is_small)
    report = pipeline.ask(do="grade", slug=SLUG, source=source, plan=plan)
    if plan == "class" and report["verdict"] != "passed":
        raise RuntimeError(f"Happy House {number} is {report['verdict']}")
    return pipeline.cpu
