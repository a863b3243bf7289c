"""Networks that were let in once and used their CPU-seconds up: what a step of each takes beside what is counted for it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from grader.domain.canonical import CanonicalForm
from grader.domain.layers import size_of
from grader.domain.model_spec import ModelSpec, NamedLayer, Node
from grader.domain.training import TrainingPlan
from tests.training.costs.measuring import UNIT, once, seconds
from workers.training.budget import an_epoch
from workers.training.build import build
from workers.training.death import Cause
from workers.training.fitting import Fitting
from workers.training.job import TrainingJob, dump_job, load_job
from workers.training.train import _loss, _optimizer

FOLDER = Path(__file__).with_name("died")

_MOST_NUMBERS = 40_000_000
"""Of all outputs of one batch that is measured: some gibibytes while a step is computed."""


def read(path: Path) -> TrainingJob:
    """A network as a trainer kept it; the program ends in words for one that died of something else than time."""
    kept = json.loads(path.read_text("utf-8"))
    if kept["cause"] != Cause.TIME:
        raise SystemExit(f"{path.name} died of {kept['cause']}, and prices are about time")
    return load_job(kept["job"])


def add(path: Path) -> Path:
    """Put a kept network to the others, under the name of its file."""
    kept = {"cause": Cause.TIME.value, "job": dump_job(read(path))}
    target = FOLDER / path.name
    target.write_text(json.dumps(kept, sort_keys=True) + "\n", "utf-8")
    return target


def share(job: TrainingJob) -> float:
    """What a step takes here, as a share of what is counted for it at the unit's pace: above 1 it is dearer than its price."""
    rows = max(1, min(job.plan.batch_size, _MOST_NUMBERS // sum(map(size_of, job.form.shapes))))
    plan = replace(job.plan, batch_size=rows)
    fitting = _fitting(job.form, plan, rows)
    fitting.fit(1, [])
    counted = an_epoch(_spec(job.form), plan, rows)
    operations = 3 * UNIT.layer.operations(UNIT.shapes)
    return min(once(lambda: fitting.fit(1, [])) / (counted * seconds(UNIT) / operations) for _ in range(2))


def _fitting(form: CanonicalForm, plan: TrainingPlan, rows: int) -> Fitting:
    model = build(form, seed=0)
    model.compile(optimizer=_optimizer(plan), loss=_loss(plan), metrics=["accuracy"])
    x = np.random.default_rng(0).random((rows, *model.inputs[0].shape[1:]), dtype=np.float32)
    answer = form.shapes[form.outputs[0]]
    y = np.zeros((rows, *(answer[:-1] if plan.loss.startswith("sparse") else answer)), np.float32)
    return Fitting(model, x, y, rows)


def _spec(form: CanonicalForm) -> ModelSpec:
    """The model that a form writes down, with a layer for each set of weights."""
    places = {shares: at for at, shares in enumerate(sorted({step.shares for step in form.steps}))}
    layers = tuple(
        NamedLayer(f"layer_{shares}", form.steps[shares].layer, form.steps[shares].trainable)
        for shares in places
    )
    nodes = tuple(Node(places[step.shares], step.inputs) for step in form.steps)
    inputs = tuple(at for at, step in enumerate(form.steps) if not step.inputs)
    return ModelSpec(layers, nodes, inputs, form.outputs)
