"""Other spellings of a random model, and other models that look like it.

Written from the rules as they are told in words, without a look at `grader.domain.canonical`: each rule finds all
places of a chain where it applies and gives the chains that come of it.
"""

from __future__ import annotations

import itertools
from dataclasses import fields, replace

from grader.domain.layers import (
    ELU,
    Activation,
    ActivityRegularization,
    Add,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GaussianNoise,
    GlobalMaxPooling2D,
    Identity,
    LeakyReLU,
    Maximum,
    MaxPooling2D,
    Multiply,
    ReLU,
    Rescaling,
    Reshape,
    Softmax,
    SpatialDropout2D,
    Subtract,
)
from tests.random_models import Fork, Frozen, chains, with_chain

RELU = (ReLU(), Activation("relu"))
SPELLINGS = (
    RELU,
    (ReLU(max_value=6.0), Activation("relu6")),
    (ELU(1.0), Activation("elu"), Activation("celu")),
    (Softmax(), Activation("softmax")),
    (LeakyReLU(0.2), ReLU(negative_slope=0.2), Activation("leaky_relu")),
    (BatchNormalization(), BatchNormalization(axis=-1)),
)
NOTHING = (
    Identity(), Activation("linear"), Dropout(0.0), GaussianNoise(0.0), Rescaling(1.0), LeakyReLU(1.0),
    ActivityRegularization(),
)  # fmt: skip
RISING = (
    ReLU(), LeakyReLU(0.2), ELU(0.5), ELU(1.0), ReLU(max_value=1.0),
    *map(Activation, ("relu", "tanh", "sigmoid", "elu", "selu", "softplus", "relu6")),
)  # fmt: skip
OF_EACH_NUMBER = (
    *RISING,
    Activation("gelu"),
    Activation("silu"),
    Dropout(0.5),
    Dropout(0.3),
    GaussianNoise(0.2),
)
SCALING = (ReLU(), Activation("relu"), LeakyReLU(0.2))
MAX = (MaxPooling2D(), MaxPooling2D(padding="same"), GlobalMaxPooling2D())
MERGES_WITHOUT_ORDER = (Add(), Multiply(), Maximum())


def spelled_otherwise(chain):
    for place, layer in enumerate(chain):
        for group in SPELLINGS:
            yield from (put(chain, place, [other]) for other in group if layer in group and other != layer)


def activation_out(chain):
    for place, layer in enumerate(chain):
        name = getattr(layer, "activation", "linear")
        if not isinstance(layer, Activation) and name != "linear":
            penalty = getattr(layer, "activity_regularizer", None)
            behind = [ActivityRegularization(**dict(penalty.options))] if penalty else []
            bare = {"activation": "linear", **({"activity_regularizer": None} if penalty else {})}
            yield put(chain, place, [replace(layer, **bare), Activation(name), *behind])


def activation_in(chain):
    for place, (layer, following) in enumerate(itertools.pairwise(chain)):
        if isinstance(layer, Dense | Conv2D) and isinstance(following, Activation):
            inside = replace(layer, activation=following.activation)
            if layer.activation == "linear" and layer.activity_regularizer is None:
                yield put(chain, place, [inside], 2)


def nothing_added(chain):
    for place in range(len(chain) + 1):
        yield from (put(chain, place, [nothing], 0) for nothing in NOTHING)


def relu_again(chain):
    for place, layer in enumerate(chain):
        if layer in RELU:
            yield from (put(chain, place, [layer, again]) for again in RELU)


def neighbours_swapped(chain):
    for place, (one, other) in enumerate(itertools.pairwise(chain)):
        if _may_swap(one, other) or _may_swap(other, one):
            yield put(chain, place, [other, one], 2)


def _may_swap(one, other):
    return (
        (one in RISING and other in MAX)
        or (one in OF_EACH_NUMBER and other == Flatten())
        or (one in SCALING and isinstance(other, Dropout | SpatialDropout2D))
        or (isinstance(one, SpatialDropout2D) and isinstance(other, MaxPooling2D | AveragePooling2D))
    )


def flattened_otherwise(chain):
    for place, layer in enumerate(chain):
        if layer == Flatten():
            yield put(chain, place, [Reshape((-1,))])
            yield put(chain, place, [Flatten(), Reshape((2, -1)), Flatten()])


def operands_moved(chain):
    for place, piece in enumerate(chain):
        if isinstance(piece, Fork) and piece.merge in MERGES_WITHOUT_ORDER:
            yield put(chain, place, [replace(piece, ways=piece.ways[::-1])])
            if len(piece.ways) > 2:
                inner = Fork(piece.merge, piece.ways[1:])
                yield put(chain, place, [Fork(piece.merge, (piece.ways[0], (inner,)))])


def weightless_frozen(chain):
    for place, layer in enumerate(chain):
        if isinstance(layer, Activation | Dropout | MaxPooling2D):
            yield put(chain, place, [Frozen(layer)])


RULES = (
    spelled_otherwise,
    activation_out,
    activation_in,
    nothing_added,
    relu_again,
    neighbours_swapped,
    flattened_otherwise,
    operands_moved,
    weightless_frozen,
)


def other_width(chain):
    for place, layer in enumerate(chain):
        for name in ("units", "filters"):
            if isinstance(layer, Dense | Conv2D) and hasattr(layer, name):
                yield put(chain, place, [replace(layer, **{name: getattr(layer, name) + 1})])


def other_rate(chain):
    for place, layer in enumerate(chain):
        if isinstance(layer, Dropout | SpatialDropout2D):
            yield put(chain, place, [replace(layer, rate=0.75)])


def other_kind(chain):
    for place, layer in enumerate(chain):
        if isinstance(layer, MaxPooling2D):
            yield put(chain, place, [AveragePooling2D(padding=layer.padding)])
        if layer in (Activation("tanh"), Activation("sigmoid")):
            yield put(chain, place, [Activation("gelu")])


def one_more(chain):
    yield [*chain, Dense(3)]
    for place, layer in enumerate(chain):
        if isinstance(layer, Dense):
            yield put(chain, place, [layer, Dense(layer.units)])


def dropped(chain):
    for place, layer in enumerate(chain[:-1]):
        if isinstance(layer, Dense | BatchNormalization | Conv2D | MaxPooling2D):
            yield put(chain, place, [])


def frozen(chain):
    for place, layer in enumerate(chain):
        if (
            any(f.name.endswith("_initializer") for f in fields(layer))
            if not isinstance(layer, Fork)
            else False
        ):
            yield put(chain, place, [Frozen(layer)])


def dropout_before_pooling(chain):
    for place, layer in enumerate(chain):
        if isinstance(layer, MaxPooling2D | AveragePooling2D):
            yield put(chain, place, [Dropout(0.6), layer])


def otherwise_merged(chain):
    for place, piece in enumerate(chain):
        if isinstance(piece, Fork):
            if isinstance(piece.merge, Subtract):
                yield put(chain, place, [replace(piece, merge=Add())])
            if isinstance(piece.merge, Add | Multiply):
                yield put(chain, place, [replace(piece, merge=Maximum())])
                yield put(chain, place, [replace(piece, ways=(*piece.ways, ()))])


MUTATIONS = (
    other_width,
    other_rate,
    other_kind,
    one_more,
    dropped,
    frozen,
    dropout_before_pooling,
    otherwise_merged,
)


def put(chain, place, pieces, instead_of=1):
    return [*chain[:place], *pieces, *chain[place + instead_of :]]


def results(change, pieces):
    """All networks that one rule or mutation makes of a network, at whatever depth it applies."""
    for path, chain in chains(pieces):
        for changed in change(chain):
            yield with_chain(pieces, path, changed)


def rewritten(pieces, rng, steps):
    """The network after so many steps, each by a rule that applies."""
    for _ in range(steps):
        found = list(results(rng.choice(RULES), pieces))
        if found:
            pieces = rng.choice(found)
    return pieces
