"""What the trainer process is told, and what it tells back: JSON and .npy files in a folder of their own.

job.json                        the canonical form, the plan, the seed
train_y.npy                     encoded, as many rows as the plan trains on
INPUTS/train_x.npy test_x.npy   float32, scaled, in a folder that the job names; no label of a test reaches this process
result.json predictions.npy     the history, and the outputs for test_x; those of further seeds in seed-N/
by_averages.npy                 the outputs by Keras's own moving averages, where statistics were renewed before the others
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader import wire
from grader.domain.canonical import CanonicalForm, Step
from grader.domain.layers import LAYERS
from grader.domain.training import TrainingPlan

PREDICTIONS, BY_AVERAGES = "predictions.npy", "by_averages.npy"


@dataclass(frozen=True)
class TrainingJob:
    """One run of one form; `inputs` is the folder with the prepared pictures.

    `more_seeds` are trained after it in the same process, which saves forking and tracing.
    """

    form: CanonicalForm
    plan: TrainingPlan
    seed: int
    threads: int
    inputs: str
    more_seeds: tuple[int, ...] = ()


@dataclass(frozen=True)
class TrainingResult:
    """What the process measured; None stands for a number that was not finite.

    `steps` were made up to the weights that count.
    """

    history: Mapping[str, tuple[float | None, ...]]
    params: int
    fit_seconds: float
    steps: int


def dump_job(job: TrainingJob) -> dict[str, Any]:
    """The job as plain JSON values."""
    steps = [
        {
            "kind": step.layer.kind,
            "options": step.layer.plain(),
            "trainable": step.trainable,
            "shares": step.shares,
            "inputs": list(step.inputs),
        }
        for step in job.form.steps
    ]
    form = {"steps": steps, "outputs": list(job.form.outputs)}
    plan = wire.to_json(job.plan)
    return {
        "form": form,
        "plan": plan,
        "seed": job.seed,
        "threads": job.threads,
        "inputs": job.inputs,
        "more_seeds": list(job.more_seeds),
    }


def load_job(data: Mapping[str, Any]) -> TrainingJob:
    """The job from plain JSON values; layers pass the same bounds as when they came from the guest."""
    steps = tuple(
        Step(
            LAYERS[step["kind"]].read(step["options"]),
            step["trainable"],
            step["shares"],
            tuple(step["inputs"]),
        )
        for step in data["form"]["steps"]
    )
    form = CanonicalForm(steps, tuple(data["form"]["outputs"]))
    plan = wire.from_json(TrainingPlan, data["plan"])
    return TrainingJob(form, plan, data["seed"], data["threads"], data["inputs"], tuple(data["more_seeds"]))
