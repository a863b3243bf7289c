"""What one layer costs in a step of training: seconds of one thread, forward and backward to inputs and to weights."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from grader.domain.canonical import Step
from grader.domain.layers import Conv2D, Rescaling
from tests.training.costs.cases import Case
from workers.training.build import _keras_layer

BATCH = 8
REPEATS, CALLS = 4, 2
UNIT = Case(Conv2D(filters=32, kernel_size=(7, 7), padding="same"), (64, 64, 3))
"""The convolution of the document on the Happy House: what “one multiplication” takes."""

_TINY, _LONG = Rescaling(scale=0.5, offset=0.1), 200
_UNITS = 1024


def prepare() -> None:
    """As the trainer computes: one thread, the same numbers each time."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(0)


def seconds(case: Case) -> float:
    """Processor seconds for one sample, the least of some tries: noise only adds."""
    step = _step(case)
    step()
    return min(once(step) for _ in range(REPEATS)) / BATCH


def of_a_node() -> float:
    """Seconds of a step for each layer that has next to nothing to do."""
    return (_chain(_LONG) - _chain(1)) / (_LONG - 1)


def _chain(layers: int) -> float:
    made = [
        _keras_layer(Step(_TINY, trainable=True, shares=0, inputs=()), at, seed=0) for at in range(layers)
    ]
    given = tf.ones((1, 1))

    def model(x: tf.Tensor) -> tf.Tensor:
        for layer in made:
            x = layer(x)
        return x

    step = _stepping(model, given)
    step()
    return min(once(step) for _ in range(REPEATS))


def of_a_weight(optimizer: type[keras.optimizers.Optimizer]) -> float:
    """Seconds of a step for each weight that an optimizer changes."""
    layer = keras.layers.Dense(_UNITS)
    layer.build((None, _UNITS))
    made = optimizer()
    made.build(layer.trainable_variables)
    gradients = [tf.ones(weight.shape) for weight in layer.trainable_variables]

    @tf.function(autograph=False)
    def step() -> None:
        made.apply(gradients, layer.trainable_variables)

    step()
    return min(once(step) for _ in range(REPEATS)) / layer.count_params()


def once(step: Callable[[], object]) -> float:
    """Processor seconds that a step takes, on average of a few."""
    begun = time.process_time()
    for _ in range(CALLS):
        step()
    return (time.process_time() - begun) / CALLS


def _step(case: Case) -> Callable[[], object]:
    layer = _keras_layer(Step(case.layer, trainable=True, shares=0, inputs=()), 0, seed=0)
    inputs = [
        tf.constant(np.random.default_rng(at).normal(size=(BATCH, *shape)).astype("float32"))
        for at, shape in enumerate(case.shapes)
    ]
    given = inputs[0] if len(inputs) == 1 else inputs
    layer(given)
    return _stepping(layer, given)


def _stepping(layer: Callable[..., Any], given: Any) -> Callable[[], object]:
    @tf.function(autograph=False)
    def step() -> object:
        weights = getattr(layer, "trainable_weights", [])
        with tf.GradientTape() as tape:
            tape.watch(given)
            made = layer(given, training=True) if hasattr(layer, "losses") else layer(given)
            loss = tf.reduce_sum(made * made) + sum(getattr(layer, "losses", []))
        gradients = tape.gradient(loss, [*tf.nest.flatten(given), *weights])
        return [tf.reduce_max(gradient) for gradient in gradients if gradient is not None]

    return step
