"""Pairs that are two architectures: the same layers, joined in another way."""

from __future__ import annotations

from tests.equivalence.spelling import many, residual, two_ways


def _relu_on(k, L, *, left=False, right=False, after=False):
    chains = [
        [L.Dense(4, name=name), *([L.ReLU()] if wanted else [])]
        for name, wanted in (("a", left), ("b", right))
    ]

    def merge(ends):
        return L.ReLU()(L.Add()(ends)) if after else L.Add()(ends)

    return two_ways(k, L, merge, *chains)


def _dropout_before(k, L):
    dropout = L.Dropout(0.5)
    start = k.Input((6,))
    shared = dropout(start)
    return k.Model(start, L.Subtract()([shared, shared]))


def _dropout_within(k, L):
    return two_ways(k, L, L.Subtract(), [L.Dropout(0.5)], [L.Dropout(0.5)], last=False)


def _penalty(k, L, times):
    start = k.Input((6,))
    ends = [L.ActivityRegularization(l2=0.1)(start) for _ in range(times)]
    return k.Model(start, L.Dense(2)(L.Concatenate()([start, *ends][-2:])))


def _shared_head(k, L, *, shared):
    start = k.Input((6,))
    one = L.Dense(4)
    other = one if shared else L.Dense(4)
    return k.Model(start, L.Dense(2)(L.Multiply()([one(start), L.ReLU()(other(start))])))


DIFFERENT = {
    "no way around the layer": (
        residual,
        lambda k, L: residual(k, L, source="second"),
    ),
    "the way around begins earlier": (residual, lambda k, L: residual(k, L, source="start")),
    "a mean for a sum": (residual, lambda k, L: residual(k, L, merge="Average")),
    "side by side for a sum": (residual, lambda k, L: residual(k, L, merge="Concatenate")),
    "a difference has an order": (
        lambda k, L: many(k, L, lambda ends: L.Subtract()([L.ReLU()(ends[0]), ends[1]])),
        lambda k, L: many(k, L, lambda ends: L.Subtract()([ends[1], L.ReLU()(ends[0])])),
    ),
    "a mean of a mean": (
        lambda k, L: many(k, L, L.Average()),
        lambda k, L: many(k, L, lambda ends: L.Average()([ends[0], L.Average()(ends[1:])])),
    ),
    "relu in one branch alone": (
        lambda k, L: _relu_on(k, L, left=True),
        lambda k, L: _relu_on(k, L, left=True, right=True),
    ),
    "relu behind the sum": (
        lambda k, L: _relu_on(k, L, left=True, right=True),
        lambda k, L: _relu_on(k, L, after=True),
    ),
    "one dropout before the branches": (_dropout_before, _dropout_within),
    "two penalties on the same numbers": (lambda k, L: _penalty(k, L, 1), lambda k, L: _penalty(k, L, 2)),
    "one Dense for two branches": (
        lambda k, L: _shared_head(k, L, shared=True),
        lambda k, L: _shared_head(k, L, shared=False),
    ),
}
