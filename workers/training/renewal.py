"""Statistics of BatchNormalization as they are with the weights that count, in place of averages that lag behind them.

Keras's moving averages keep 99 % of what they were at each step, while the weights below them move on; layers that stand on
each other multiply what is wrong with that. So each such layer that learns gets, in the order of the graph, the mean and the
variance of its inputs over the rows trained on, everything below it in inference mode (Ioffe and Szegedy 2015, Algorithm 2;
Wu and Johnson 2021, "Rethinking Batch in BatchNorm", 3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from grader.domain.canonical import CanonicalForm
from workers.training.build import Built
from workers.training.fitting import in_batches, traced
from workers.training.moments import Moments, pooled
from workers.training.normalized import normalized, sweeps


class Renewal:
    """The normalizations of a model that is `built` of `form`, and the rows (n, *shape) that it is trained on.

    Frozen layers keep their statistics. Each look is traced once, however often the statistics are renewed.
    """

    def __init__(self, built: Built, form: CanonicalForm, x: np.ndarray, batch_size: int) -> None:
        self._x, self._batch_size = x, batch_size
        self._is_swept_before = sweeps(form) > 1
        self._uses = {
            place: [_Use(built, form, use, x) for use in uses] for place, uses in normalized(form).items()
        }

    @property
    def changes_anything(self) -> bool:
        """Whether there is a layer to renew."""
        return bool(self._uses)

    def renew(self) -> None:
        """Give every layer the statistics of all its uses together; what is not finite stays as it was."""
        batches = in_batches((self._x,), self._batch_size)
        if self._is_swept_before:
            self._sweep(batches)
        for uses in self._uses.values():
            _set(uses[0].layer, pooled([use.moments(batches) for use in uses]))

    @contextmanager
    def for_a_look(self) -> Iterator[None]:
        """Renewed statistics meanwhile, and afterwards what they were."""
        layers = [uses[0].layer for uses in self._uses.values()]
        kept = [(layer.moving_mean.numpy(), layer.moving_variance.numpy()) for layer in layers]
        self.renew()
        try:
            yield
        finally:
            for layer, (mean, variance) in zip(layers, kept, strict=True):
                layer.moving_mean.assign(mean)
                layer.moving_variance.assign(variance)

    def _sweep(self, batches: Sequence[tuple[tf.Tensor, ...]]) -> None:
        """Use by use, each layer by those seen so far: so that no later look goes through averages that lag behind."""
        seen: defaultdict[int, list[Moments]] = defaultdict(list)
        every = [(use, place) for place, uses in self._uses.items() for use in uses]
        for use, place in sorted(every, key=lambda pair: pair[0].place):
            seen[place].append(use.moments(batches))
            _set(use.layer, pooled(seen[place]))


class _Use:
    """One use of a layer, and a look at what goes into it."""

    def __init__(self, built: Built, form: CanonicalForm, place: int, x: np.ndarray) -> None:
        step = form.steps[place]
        self.place = place
        self.layer = built.layers[step.shares]
        source = built.tensors[step.inputs[0]]
        below = keras.Model(built.model.inputs, source)
        axes = [axis for axis in range(len(source.shape)) if axis != self.layer.axis % len(source.shape)]

        def look(batch: tuple[tf.Tensor, ...]) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            numbers = tf.cast(below(batch[0], training=False), tf.float64)
            mean, variance = tf.nn.moments(numbers, axes)
            return tf.size(numbers) // tf.size(mean), mean, variance

        self._look = traced(look, (x,), None)

    def moments(self, batches: Sequence[tuple[tf.Tensor, ...]]) -> Moments:
        """Of all numbers that go in, by the place of the layer's axis."""
        looked = [self._look(batch) for batch in batches]
        return pooled(
            [Moments(int(count), mean.numpy(), variance.numpy()) for count, mean, variance in looked]
        )


def _set(layer: Any, found: Moments) -> None:
    """Assign what is finite in the layer's own precision: a place keeps both its numbers or gets both."""
    with np.errstate(over="ignore"):
        mean, variance = (np.asarray(values, np.float32) for values in (found.mean, found.variance))
    is_finite = np.isfinite(mean) & np.isfinite(variance)
    layer.moving_mean.assign(np.where(is_finite, mean, layer.moving_mean.numpy()))
    layer.moving_variance.assign(np.where(is_finite, variance, layer.moving_variance.numpy()))
