"""What a training will cost, from our own integers, before any weight exists: work and memory.

What is over budget ends in a StudentError `too_big` that names the layer that costs most.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from grader.domain.canonical import canonical
from grader.domain.errors import Reason, StudentError
from grader.domain.layers import size_of
from grader.domain.layers.costs import PER_NODE, PER_WEIGHT
from grader.domain.message import message
from grader.domain.model_spec import ModelSpec
from grader.domain.training import TrainingPlan
from workers.training.normalized import renewing

FLOAT = 4
"""Bytes of a number."""

GIB = 1024**3

COUNTED_RUNS = 3
"""Of a plan that may train more: a wider band for fairness' sake makes no network too big, and each run has its own time."""

LEAST_EPOCHS = 17
"""What a network gets that is too large for all of a plan's epochs, where the plan has that many; below it is refused."""

BASE_BYTES = 4 * GIB
"""Address space of a trainer that trains a tiny model: TensorFlow itself, its threads and their arenas."""

DATA_COPIES = 3
"""The mapped file, the tensor that Keras makes of it, and the part that is kept for validation."""

ACTIVATION_COPIES = 8
"""Of each layer's output in one step: itself, its gradient, and what Keras's longer formulas keep for the way back."""

SLOTS = 3
"""Numbers that the hungriest optimizer (Adam with amsgrad, RMSprop with momentum, centered) keeps per weight."""

WEIGHT_COPIES = 3 + SLOTS
"""The weight, its gradient, one temporary, and the optimizer's slots."""


@dataclass(frozen=True)
class Data:
    """What a data set brings: rows to train on, rows of the test, numbers in one row."""

    train_rows: int
    test_rows: int
    row: int


def affordable(model: ModelSpec, plan: TrainingPlan, samples: int, limit: int) -> TrainingPlan:
    """The plan, with as many of its epochs as cost at most `limit`; StudentError `too_big` below `LEAST_EPOCHS`.

    Counted in multiplications of a convolution, as `grader/domain/layers/work.py` does. Renewing statistics before a test, and
    before a training is ended, adds the passes that it makes.
    """
    runs = min(plan.most_runs, COUNTED_RUNS)
    epoch = runs * an_epoch(model, plan, plan.samples_of(samples))
    renewed = runs * plan.samples_of(samples) * _times_renewed(plan) * renewing(canonical(model))
    fitting = max(0, (limit - renewed) // max(epoch, 1))
    fewest = min(plan.epochs, LEAST_EPOCHS)
    if fitting >= plan.epochs:
        return plan
    if fitting >= fewest:
        return replace(plan, epochs=fitting)
    told = message(
        "too_long_training",
        operations=renewed + plan.epochs * epoch,
        limit=limit,
        layer=model.layer_of(model.dearest).name,
    )
    size = _rounded(model.work * limit // (renewed + fewest * epoch))
    raise StudentError(
        Reason.TOO_BIG, told, message("what_would_fit", own=model.work, fitting=size, epochs=fitting)
    )


def an_epoch(model: ModelSpec, plan: TrainingPlan, samples: int) -> int:
    """What one epoch of one run costs: three passes of each sample, and each step for each weight and each layer's use.

    The passes are forward, backward to inputs and backward to weights.
    """
    steps = -(-samples // plan.batch_size)
    a_step = model.trainable_params * PER_WEIGHT[plan.optimizer] + len(model.nodes) * PER_NODE
    return samples * 3 * model.work + steps * a_step


def _times_renewed(plan: TrainingPlan) -> int:
    """How often at most: once before a test; after the last epoch, and whenever the patience of an early end is used up."""
    looks = plan.epochs // plan.stopping.patience + 1 if plan.stopping else 0
    return looks + plan.evaluate_test


def _rounded(number: int) -> int:
    """Two digits of it, downwards."""
    unit: int = 10 ** max(0, len(str(number)) - 2)
    return number // unit * unit


def refuse_too_large(model: ModelSpec, plan: TrainingPlan, data: Data, limit: int) -> None:
    """StudentError `too_big` when training may need more than `limit` bytes of address space."""
    needed = memory(model, plan, data)
    if needed > limit:
        told = message(
            "too_much_memory",
            gib=needed / GIB,
            limit=limit / GIB,
            batch_size=plan.batch_size,
            layer=_hungriest(model, plan),
        )
        raise StudentError(Reason.TOO_BIG, told)


def memory(model: ModelSpec, plan: TrainingPlan, data: Data) -> int:
    """Bytes of address space that a training may need at most."""
    held = FLOAT * data.row * (data.train_rows + data.test_rows) * DATA_COPIES
    answers = FLOAT * 2 * data.test_rows * sum(map(size_of, model.output_shapes)) * plan.evaluate_test
    weights = FLOAT * WEIGHT_COPIES * model.params
    return BASE_BYTES + held + answers + weights + sum(_activations(model, plan))


def _activations(model: ModelSpec, plan: TrainingPlan) -> list[int]:
    """Bytes of one batch, node by node: what comes out, and what a layer makes on the way."""
    return [
        FLOAT
        * ACTIVATION_COPIES
        * plan.batch_size
        * (
            size_of(model.shapes[place])
            + model.layer_of(place).layer.hidden(tuple(model.shapes[source] for source in node.inputs))
        )
        for place, node in enumerate(model.nodes)
    ]


def _hungriest(model: ModelSpec, plan: TrainingPlan) -> str:
    costs = dict.fromkeys(range(len(model.layers)), 0)
    for node, activations in zip(model.nodes, _activations(model, plan), strict=True):
        costs[node.layer] += activations
    for place, weights in enumerate(model.weights):
        costs[place] += FLOAT * WEIGHT_COPIES * weights.total
    return model.layers[max(costs, key=lambda place: costs[place])].name
