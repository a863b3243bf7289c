"""The order of layers that commute. `canonical` tells which do, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from grader.domain.layers import (
    ELU,
    Activation,
    ActivityRegularization,
    AlphaDropout,
    AveragePooling1D,
    AveragePooling2D,
    Disturbing,
    Dropout,
    Flatten,
    GaussianDropout,
    GaussianNoise,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
    Layer,
    LeakyReLU,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
    PReLU,
    ReLU,
    Rescaling,
    Reshape,
    Shape,
    SpatialDropout1D,
    SpatialDropout2D,
)

_SLIDING_MAX = (MaxPooling1D, MaxPooling2D, MaxPooling3D)
_MAX_POOLING = (*_SLIDING_MAX, GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D)
_CHANNEL_DROPOUT = (SpatialDropout1D, SpatialDropout2D)
_RESHAPING = (Flatten, Reshape)
_NEVER_FALLING = frozenset(
    {"relu", "relu6", "elu", "selu", "softplus", "softsign", "tanh", "sigmoid", "hard_sigmoid", "exponential"}
)
_PER_ROW = frozenset({"softmax", "log_softmax"})
_IDEMPOTENT = frozenset({"relu", "relu6"})


@dataclass(frozen=True)
class Entry:
    """A layer of a chain: the layer object whose weights it has, the node it was written as, the shape it gets."""

    layer: Layer
    trainable: bool
    weights: int
    node: int
    given: Shape


def least_order(entries: Sequence[Entry]) -> list[Entry]:
    """The least order that swapping commuting neighbours can reach, repeated ReLUs and changes of shape made one."""
    ordered = _trace_order(entries)
    shorter = _without_detours(ordered)
    return ordered if len(shorter) == len(ordered) else least_order(shorter)


def commute(one: Layer, other: Layer) -> bool:
    """Whether two neighbours of a chain may change places."""
    return _swaps(one, other) or _swaps(other, one)


def needed_before(layers: Sequence[Layer], at: int) -> list[int]:
    """The places in a chain that have to stay before `at`: what cannot pass it, nor what it cannot pass itself."""
    needed = [at]
    for place in range(at - 1, -1, -1):
        if not all(commute(layers[place], layers[later]) for later in needed):
            needed.append(place)
    return needed[:0:-1]


def _trace_order(entries: Sequence[Entry]) -> list[Entry]:
    """A trace's lexicographic normal form, without repetition of what is the same once as twice."""
    waits_for = [
        {before for before in range(at) if not commute(entries[before].layer, entry.layer)}
        for at, entry in enumerate(entries)
    ]
    keys = [(_rank(entry.layer), repr(entry.layer), at) for at, entry in enumerate(entries)]
    left = dict.fromkeys(range(len(entries)))
    ordered: list[Entry] = []
    while left:
        at = min((at for at in left if not waits_for[at]), key=lambda at: keys[at])
        del left[at]
        for other in left:
            waits_for[other].discard(at)
        repeated = ordered and ordered[-1].layer == entries[at].layer and _is(entries[at].layer, _IDEMPOTENT)
        if not repeated:
            ordered.append(entries[at])
    return ordered


def _without_detours(entries: Sequence[Entry]) -> list[Entry]:
    """Changes of shape that follow each other as the last one alone, or as none where the shape comes back."""
    kept: list[Entry] = []
    for entry in entries:
        if kept and isinstance(entry.layer, _RESHAPING) and isinstance(kept[-1].layer, _RESHAPING):
            before = kept.pop()
            if before.given != _reshaped(entry):
                kept.append(replace(entry, given=before.given))
        else:
            kept.append(entry)
    return kept


def _reshaped(entry: Entry) -> Shape:
    return entry.layer.output_shape((entry.given,))


def _rank(layer: Layer) -> int:
    if isinstance(layer, (*_MAX_POOLING, AveragePooling1D, AveragePooling2D)):
        return 0
    if isinstance(layer, _RESHAPING):
        return 2
    return 3 if isinstance(layer, Disturbing) else 1


def _swaps(one: Layer, other: Layer) -> bool:
    if isinstance(other, _MAX_POOLING) and (
        _is(one, _NEVER_FALLING) or isinstance(one, LeakyReLU | ELU | ReLU)
    ):
        return True
    if isinstance(other, (*_SLIDING_MAX, AveragePooling1D, AveragePooling2D)):
        return isinstance(one, _CHANNEL_DROPOUT)
    if isinstance(other, _RESHAPING):
        elementwise = isinstance(one, Activation) and one.activation not in _PER_ROW
        return elementwise or isinstance(
            one,
            LeakyReLU | ELU | ReLU | Rescaling | Dropout | AlphaDropout | GaussianNoise | GaussianDropout
            | ActivityRegularization,
        )  # fmt: skip
    if isinstance(other, (Dropout, *_CHANNEL_DROPOUT)):
        return _is(one, frozenset({"relu"})) or isinstance(one, LeakyReLU | PReLU)
    return False


def _is(layer: Layer, names: frozenset[str]) -> bool:
    return isinstance(layer, Activation) and layer.activation in names
