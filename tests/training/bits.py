"""Every number that training gives each reference network, as one hash a line: to show that a change of the trainer changes none.

    python -m tests.training.bits > after.txt
    (cd OTHER_TREE && PYTHONPATH=. .venv/bin/python THIS_FILE) > before.txt; diff before.txt after.txt

Each distinct network is trained for two epochs by its plan, on 96 rows drawn by lot in the shape that it takes. `normalizes`
stands behind those with a BatchNormalization.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from grader.domain.canonical import CanonicalForm, canonical
from grader.domain.errors import StudentError
from grader.domain.layers import BatchNormalization
from grader.domain.training import TrainingPlan
from grader.settings import load_settings
from workers.extract import SandboxExtractor
from workers.pipeline import open_pipeline
from workers.references import reference_solutions
from workers.scratch import Scratch
from workers.training.job import TrainingJob, dump_job
from workers.training.process import TrainerProcess

SOLUTIONS = Path(__file__).resolve().parents[2] / "reference_solutions"
ROWS, EPOCHS, SECONDS = 96, 2, 600.0


def networks() -> Iterator[tuple[str, CanonicalForm, TrainingPlan]]:
    """Each distinct network with one input and one output that some plan would train."""
    seen = set()
    with Scratch("bits") as folder, closing(open_pipeline(load_settings({}, data_dir=folder))) as pipeline:
        extractor = SandboxExtractor(pipeline.sandbox)
        for slug, assignment in pipeline.catalog.assignments.items():
            for solution in reference_solutions(SOLUTIONS, slug):
                try:
                    extraction = extractor.extract(solution.path.read_text("utf-8"), assignment)
                except (StudentError, UnicodeDecodeError):
                    continue
                for part in assignment.parts:
                    if part.plan is None:
                        continue
                    model = extraction.parts[part.name].model
                    form = canonical(model)
                    if (slug, form.digest) not in seen and len(model.inputs) == len(model.outputs) == 1:
                        seen.add((slug, form.digest))
                        yield f"{slug}/{solution.path.parent.name}/{solution.path.name}", form, part.plan


def draw(folder: Path, form: CanonicalForm, plan: TrainingPlan) -> None:
    """Rows and labels that fit the network, the same each time."""
    lot = np.random.default_rng(0)
    units = form.shapes[form.outputs[0]]
    for name in ("train_x", "test_x"):
        np.save(folder / f"{name}.npy", lot.random((ROWS, *form.shapes[0]), dtype=np.float32))
    labels = lot.integers(0, max(2, units[-1]), ROWS)
    sparse = plan.loss.startswith("sparse_")
    one_hot = np.eye(max(2, units[-1]), dtype=np.float32)[labels][:, -units[-1] :]
    np.save(folder / "train_y.npy", labels.astype(np.int32) if sparse else one_hot)


def digest(process: TrainerProcess, form: CanonicalForm, plan: TrainingPlan) -> str:
    """Of the curves and of what is said to the rows of the test."""
    short = replace(
        plan, epochs=EPOCHS, stopping=None, samples=ROWS, validation_samples=0, evaluate_test=True
    )
    with Scratch("bits") as folder:
        draw(folder, form, plan)
        job = TrainingJob(form, short, seed=0, threads=1, inputs=str(folder))
        (folder / "job.json").write_text(json.dumps(dump_job(job)), "utf-8")
        process.run(folder, SECONDS)
        history = json.loads((folder / "result.json").read_bytes())["history"]
        told = json.dumps(history, sort_keys=True).encode() + (folder / "predictions.npy").read_bytes()
    return hashlib.sha256(told).hexdigest()


def main() -> None:
    """Print a line for each."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with closing(TrainerProcess(16)) as process:
        for name, form, plan in networks():
            if len(form.shapes[form.outputs[0]]) != 1:
                continue
            normalizes = any(isinstance(step.layer, BatchNormalization) for step in form.steps)
            print(name, digest(process, form, plan), "normalizes" if normalizes else "", flush=True)


if __name__ == "__main__":
    main()
