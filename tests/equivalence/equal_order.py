"""Pairs that are one architecture: neighbours that commute, in a chain and within a branch."""

from __future__ import annotations

from tests.equivalence.spelling import (
    chains,
    conv,
    many,
    residual,
    two_ways,
)

LINE = (10, 3)
VOLUME = (6, 6, 6, 2)


def swapped(before, one, other, after, shape=(12, 12, 3)):
    """A pair that differs in the order of two layers; all are functions of `keras.layers`."""
    return chains(
        lambda L: (*before(L), one(L), other(L), *after(L)),
        lambda L: (*before(L), other(L), one(L), *after(L)),
        shape,
    )


def _conv(L):
    return (L.Conv2D(4, 3),)


def _end(L):
    return (L.Flatten(), L.Dense(5))


def _dense(L):
    return (L.Dense(5),)


def pooled(activation):
    return swapped(_conv, activation, lambda L: L.MaxPooling2D(), _end)


def flattened(layer):
    return swapped(_conv, layer, lambda L: L.Flatten(), _dense)


def _two_relus(k, L):
    return two_ways(k, L, L.Concatenate(), [L.ReLU(), L.Dense(3)], [L.ReLU(), L.Dense(4)])


def _one_relu(k, L):
    relu = L.ReLU()
    return two_ways(k, L, L.Concatenate(), [relu, L.Dense(3)], [relu, L.Dense(4)])


def _pooled_branch(first):
    def build(k, L):
        steps = [L.ReLU(), L.MaxPooling2D()]
        chain = [L.Conv2D(3, 3, name="left"), *(steps if first else steps[::-1]), L.GlobalAveragePooling2D()]
        other = [L.Conv2D(3, 5, name="right"), L.GlobalMaxPooling2D()]
        return two_ways(k, L, L.Add(), chain, other, shape=(12, 12, 3))

    return build


def two_ways_around(k, L):
    start = k.Input((6,))
    block = L.Dense(6, name="second")
    first = L.ReLU()(L.Dense(6, name="first")(start))
    return k.Model(start, L.Dense(2, name="last")(first + L.Activation("relu")(block(first))))


EQUAL = {
    "elu and max pooling": pooled(lambda L: L.Activation("elu")),
    "selu and max pooling": pooled(lambda L: L.Activation("selu")),
    "tanh and max pooling": pooled(lambda L: L.Activation("tanh")),
    "softplus and max pooling": pooled(lambda L: L.Activation("softplus")),
    "an ELU layer and max pooling": pooled(lambda L: L.ELU(alpha=0.5)),
    "a ReLU with a ceiling and max pooling": pooled(lambda L: L.ReLU(max_value=1.0)),
    "a ReLU with a threshold and max pooling": pooled(lambda L: L.ReLU(threshold=0.5)),
    "relu and max pooling of sequences": swapped(
        lambda L: (L.Conv1D(4, 3),), lambda L: L.ReLU(), lambda L: L.MaxPooling1D(), _end, LINE
    ),
    "relu and global max pooling of sequences": swapped(
        lambda L: (L.Conv1D(4, 3),), lambda L: L.ReLU(), lambda L: L.GlobalMaxPooling1D(), _dense, LINE
    ),
    "relu and max pooling of volumes": swapped(
        lambda L: (L.Conv3D(2, 3),), lambda L: L.ReLU(), lambda L: L.MaxPooling3D(), _end, VOLUME
    ),
    "sigmoid and global max pooling of volumes": swapped(
        lambda L: (L.Conv3D(2, 3),),
        lambda L: L.Activation("sigmoid"),
        lambda L: L.GlobalMaxPooling3D(),
        _dense,
        VOLUME,
    ),
    "gelu and flatten": flattened(lambda L: L.Activation("gelu")),
    "noise and flatten": flattened(lambda L: L.GaussianNoise(0.3)),
    "noise around one and flatten": flattened(lambda L: L.GaussianDropout(0.3)),
    "alpha dropout and flatten": flattened(lambda L: L.AlphaDropout(0.3)),
    "rescaling and flatten": flattened(lambda L: L.Rescaling(2.0, 1.0)),
    "activity regularization and flatten": flattened(lambda L: L.ActivityRegularization(l1=0.1)),
    "relu and reshape": swapped(_conv, lambda L: L.ReLU(), lambda L: L.Reshape((20, 20)), _dense),
    "relu between two changes of shape": chains(
        lambda L: (L.Reshape((6, 72)), L.ReLU(), L.Flatten(), L.Dense(5)),
        lambda L: (L.ReLU(), L.Flatten(), L.Dense(5)),
    ),
    "dropout and leaky relu": swapped(_conv, lambda L: L.Dropout(0.4), lambda L: L.LeakyReLU(), _end),
    "dropout and a learned slope": swapped(_conv, lambda L: L.Dropout(0.4), lambda L: L.PReLU(), _end),
    "channel dropout and relu": swapped(_conv, lambda L: L.SpatialDropout2D(0.4), lambda L: L.ReLU(), _end),
    "channel dropout and max pooling": swapped(
        _conv, lambda L: L.SpatialDropout2D(0.4), lambda L: L.MaxPooling2D(), _end
    ),
    "channel dropout and average pooling": swapped(
        _conv, lambda L: L.SpatialDropout2D(0.4), lambda L: L.AveragePooling2D(3, padding="same"), _end
    ),
    "channel dropout of sequences": swapped(
        lambda L: (L.Conv1D(4, 3),), lambda L: L.SpatialDropout1D(0.4), lambda L: L.MaxPooling1D(), _end, LINE
    ),
    "relu on both sides of a dropout": chains(
        lambda L: conv(L, L.ReLU(), L.Dropout(0.5), L.ReLU()), lambda L: conv(L, L.ReLU(), L.Dropout(0.5))
    ),
    "relu6 twice": chains(
        lambda L: conv(L, L.ReLU(6.0), L.ReLU(6.0)), lambda L: conv(L, L.ReLU(max_value=6.0))
    ),
    "one relu for two branches": (_two_relus, _one_relu),
    "max pooling within a branch": (_pooled_branch(first=True), _pooled_branch(first=False)),
    "a product has no order": (
        lambda k, L: many(k, L, L.Multiply()),
        lambda k, L: many(k, L, lambda ends: L.Multiply()(ends[::-1])),
    ),
    "a maximum has no order": (
        lambda k, L: many(k, L, L.Maximum()),
        lambda k, L: many(k, L, lambda ends: L.Maximum()([ends[1], ends[2], ends[0]])),
    ),
    "a mean has no order": (
        lambda k, L: many(k, L, L.Average()),
        lambda k, L: many(k, L, lambda ends: L.Average()(ends[::-1])),
    ),
    "a sum of a sum": (
        lambda k, L: many(k, L, L.Add()),
        lambda k, L: many(k, L, lambda ends: ends[2] + (ends[0] + ends[1])),
    ),
    "a concatenation of a concatenation": (
        lambda k, L: many(k, L, L.Concatenate()),
        lambda k, L: many(k, L, lambda ends: L.Concatenate(axis=1)([ends[0], L.Concatenate()(ends[1:])])),
    ),
    "a way around a layer": (
        residual,
        two_ways_around,
    ),
}
