"""Is a run that was kept the run that training gives? Random models and reference solutions, each trained twice.

    python -m tests.training.twice models 200
    python -m tests.training.twice references             # all that train; or: references xor traffic-dense

Each is trained without a cache, trained into one, and read out of it. Prints what differs and ends with 1 if anything.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from grader import wire
from grader.domain.description import read_model
from grader.domain.errors import StudentError
from grader.domain.training import TrainingPlan
from grader.settings import load_settings
from tests.fuzz.layers import models
from workers.pipeline import dataset_folders, open_pipeline
from workers.references import reference_solutions
from workers.training.declaration import find_declarations
from workers.training.run_folder import FolderCache
from workers.training.trainer import ProcessTrainer

SOLUTIONS = Path(__file__).resolve().parents[2] / "reference_solutions"
SIZES = {192: (8, 8, 3), 48: (12, 4), 10: (10,), 36: (6, 6, 1)}
"""Inputs of the random models, and how many numbers each has."""

DECLARATION = """
format: 1
name: {name}
title: "Numbers drawn by lot"
origin: exact
pictures: {{shape: [{size}], dtype: float32}}
labels: {{dtype: uint8, classes: [0, 1, 2], encoding: one-hot}}
sizes: {{train: 24, test: 12}}
scaling: {{divide: 1.0, subtract: 0.0}}
generator: generate.py
seed: 0
"""
GENERATOR = """
import numpy as np

def generate(seed):
    lot = np.random.default_rng(seed)
    rows = {{"train": 24, "test": 12}}
    numbers = {{f"{{part}}_x": lot.normal(size=(count, {size})).astype(np.float32) for part, count in rows.items()}}
    labels = {{f"{{part}}_y": np.arange(count, dtype=np.uint8) % 3 for part, count in rows.items()}}
    return numbers | labels
"""
PLANS = {"adam": {}, "sgd": {"momentum": 0.9}, "rmsprop": {}, "adamw": {"weight_decay": 0.01}}


def declarations(folder: Path) -> dict[str, Path]:
    """A data set for each size of input."""
    for size in SIZES:
        place = folder / "_datasets" / f"lot-{size}"
        place.mkdir(parents=True)
        (place / "dataset.yaml").write_text(DECLARATION.format(name=place.name, size=size).lstrip())
        (place / "generate.py").write_text(GENERATOR.format(size=size))
    return dict(find_declarations(folder))


def random_models(count: int) -> list[dict[str, Any]]:
    """So many models that we accept, the same each time, each with an end that gives three classes."""
    found: list[dict[str, Any]] = []

    @settings(
        max_examples=20 * count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(models())
    def collect(description: dict[str, Any]) -> None:
        if len(found) < count and _is_accepted(with_end(description)):
            found.append(with_end(description))

    collect()
    assert len(found) == count
    return found


def with_end(description: dict[str, Any]) -> dict[str, Any]:
    """The model with Flatten and a softmax over three classes behind it."""
    ends = [
        {"kind": "Flatten", "name": "flat", "trainable": True, "options": {}},
        {"kind": "Dense", "name": "end", "trainable": True, "options": {"units": 3, "activation": "softmax"}},
    ]
    layers, nodes = description["layers"], description["nodes"]
    behind = [
        {"layer": len(layers) + place, "inputs": [description["outputs"][0] if not place else len(nodes)]}
        for place in range(2)
    ]
    longer = {"layers": [*layers, *ends], "nodes": [*nodes, *behind], "outputs": [len(nodes) + 1]}
    return description | longer


def _is_accepted(description: dict[str, Any]) -> bool:
    try:
        read_model(description)
    except StudentError:
        return False
    return True


def compare_models(count: int, folder: Path) -> Iterator[str]:
    """What differs, for so many random models; nothing when all is well."""
    known = declarations(folder / "sets")
    plain = ProcessTrainer(known, folder)
    keeping = ProcessTrainer(known, folder, cache=FolderCache(folder / "runs"), process=plain._process)
    try:
        for place, description in enumerate(random_models(count)):
            model = read_model(description)
            optimizer = list(PLANS)[place % len(PLANS)]
            size = next(size for size, shape in SIZES.items() if shape == model.shapes[0])
            plan = TrainingPlan(
                f"lot-{size}", 2, 8, optimizer, "categorical_crossentropy", 0.01, 0.25,
                (place,), evaluate_test=True, optimizer_options=PLANS[optimizer],
            )  # fmt: skip
            data = plain.dataset(plan.dataset)
            fresh, missed, hit = (each.train(model, plan, data) for each in (plain, keeping, keeping))
            cached = (fresh.cached, missed.cached)
            if cached != (False, False) or not fresh.runs == missed.runs == hit.runs:
                yield f"model {place}: {fresh} {missed} {hit}"
            # A network that we count as another's equal has been trained before.
            if not hit.cached or hit.seconds != missed.seconds:
                yield f"model {place} was not kept"
    finally:
        plain.close()


def compare_references(slugs: list[str], folder: Path) -> Iterator[str]:
    """What differs in the reports of the solutions that train; `trained N` at the end."""
    chosen = {"data_dir": folder, "sandbox_mode": "forkserver"}
    keeping = open_pipeline(load_settings({}, **chosen))
    settings = load_settings({}, run_cache=False, **chosen)
    trainer = ProcessTrainer(
        dataset_folders(settings.assignments_dirs), folder, process=keeping.trainer._process
    )
    plain = open_pipeline(settings, keeping.sandbox, trainer)
    trained = 0
    try:
        for slug in slugs or [path.name for path in sorted(SOLUTIONS.iterdir()) if path.is_dir()]:
            for solution in reference_solutions(SOLUTIONS, slug):
                handed = (slug, solution.path.read_bytes(), solution.path.name)
                missed = keeping.grade_file(*handed)
                if not any(part.training for part in missed.parts):
                    continue
                trained += 1
                hit, fresh = keeping.grade_file(*handed), plain.grade_file(*handed)
                told = [without(wire.to_json(report), "cached", "timings") for report in (missed, hit)]
                timeless = [without(wire.to_json(report), *CLOCKS) for report in (missed, fresh)]
                all_cached = all(part.training.cached for part in hit.parts if part.training)
                if told[0] != told[1] or timeless[0] != timeless[1] or not all_cached:
                    yield f"{slug}/{solution.path.name}: {told} {timeless}"
    finally:
        keeping.close()
    if not trained:
        yield "nothing was trained"
    print(f"{trained} reference solutions trained")


CLOCKS = ("cached", "timings", "seconds")


def without(value: Any, *names: str) -> Any:
    """A JSON value without some keys, at any depth."""
    if isinstance(value, dict):
        return {name: without(item, *names) for name, item in value.items() if name not in names}
    return [without(item, *names) for item in value] if isinstance(value, list) else value


def main(what: str, *rest: str) -> int:
    """Compare and print."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with tempfile.TemporaryDirectory(prefix="grader-twice-") as scratch:
        folder = Path(scratch)
        if what == "models":
            differing = list(compare_models(int(rest[0]), folder))
        else:
            differing = list(compare_references(list(rest), folder))
    print("\n".join(differing) or "no run differs")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
