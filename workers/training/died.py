"""Networks that were let in and ended the trainer: told by their dearest layers, and kept for the test of what layers cost.

What is kept is the canonical form and the plan, in which no word of a student is. `make costs DIED=FILE` measures it and adds it
to the networks whose time a test compares with what is counted (tests/training/costs/died).
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from grader.domain.canonical import CanonicalForm
from grader.domain.layers.work import kind_of, work
from grader.private import private_file, private_folder
from workers.training.death import Death
from workers.training.job import TrainingJob, dump_job

log = logging.getLogger(__name__)

MOST_KEPT = 50
"""Files; the oldest go first. One is as large as a claim at most."""

_MOST_TOLD = 3


def explained(death: Death, job: TrainingJob, folder: Path) -> Death:
    """The death that is about a model, with its layers and the file in `folder` that has them all."""
    return replace(death, detail=f"{dearest(job.form)}, {_keep(death, job, folder)}: {death.detail}")


def dearest(form: CanonicalForm) -> str:
    """The kinds of layers and their inputs that most of the work is counted for, with their share of it."""
    counted: Counter[tuple[str, str]] = Counter()
    times: Counter[tuple[str, str]] = Counter()
    for step in form.steps:
        inputs = tuple(form.shapes[source] for source in step.inputs)
        key = kind_of(step.layer, inputs), " and ".join(map(str, inputs))
        counted[key] += work(step.layer, inputs)
        times[key] += 1
    whole = max(1, counted.total())
    return "; ".join(
        f"{times[kind, shapes]} {kind} on {shapes}, {part / whole:.0%} of the work"
        for (kind, shapes), part in counted.most_common(_MOST_TOLD)
        if part >= whole / 100
    )


def _keep(death: Death, job: TrainingJob, folder: Path) -> str:
    """Where it lies, in words."""
    told = json.dumps(
        {"cause": death.cause.value, "job": dump_job(replace(job, inputs="", more_seeds=()))},
        sort_keys=True,
    )
    name = f"{hashlib.sha256(told.encode()).hexdigest()[:16]}.json"
    try:
        # Half a file says nothing and costs nothing; the next such death writes it anew.
        private_file(private_folder(folder) / name).write_text(told, "utf-8")
        _tidy(folder)
    except OSError as error:
        log.warning("%s cannot be kept: %s", name, error)
        return "which could not be kept"
    return f"kept in the worker's data folder as {folder.parent.name}/{folder.name}/{name}"


def _tidy(folder: Path) -> None:
    by_age = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in by_age[MOST_KEPT:]:
        with suppress(FileNotFoundError):
            path.unlink()
