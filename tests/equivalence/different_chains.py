"""Pairs that are two architectures: wrong models that look right, and rules that one might believe in."""

from __future__ import annotations

from tests.equivalence.spelling import (
    chains,
    concatenated,
    conv,
    dense,
    frozen,
    not_shared,
    sequential,
    shared,
)

FIRST = {
    "cut short": (
        lambda k, L: sequential(k, L.Flatten(), L.Dense(8, "relu"), L.Dense(5, "softmax")),
        lambda k, L: sequential(k, L.Flatten(), L.Dense(8, "relu"), L.Dense(5)),
    ),
    "widened": (
        lambda k, L: sequential(k, L.Flatten(), L.Dense(8), L.Dense(5)),
        lambda k, L: sequential(k, L.Flatten(), L.Dense(9), L.Dense(5)),
    ),
    "padding that pads": (
        lambda k, L: sequential(k, *conv(L, L.MaxPooling2D(3, strides=2, padding="same"))),
        lambda k, L: sequential(k, *conv(L, L.MaxPooling2D(3, strides=2))),
    ),
    "dropout does not commute with pooling": (
        lambda k, L: sequential(k, *conv(L, L.Dropout(0.5), L.MaxPooling2D())),
        lambda k, L: sequential(k, *conv(L, L.MaxPooling2D(), L.Dropout(0.5))),
    ),
    "relu does not commute with average pooling": (
        lambda k, L: sequential(k, *conv(L, L.ReLU(), L.AveragePooling2D(2))),
        lambda k, L: sequential(k, *conv(L, L.AveragePooling2D(2), L.ReLU())),
    ),
    "gelu does not commute with max pooling": (
        lambda k, L: sequential(k, *conv(L, L.Activation("gelu"), L.MaxPooling2D())),
        lambda k, L: sequential(k, *conv(L, L.MaxPooling2D(), L.Activation("gelu"))),
    ),
    "dropout does not commute with sigmoid": (
        lambda k, L: sequential(k, *conv(L, L.Dropout(0.5), L.Activation("sigmoid"))),
        lambda k, L: sequential(k, *conv(L, L.Activation("sigmoid"), L.Dropout(0.5))),
    ),
    "sigmoid twice is not sigmoid": (
        lambda k, L: sequential(k, *conv(L, L.Activation("sigmoid"), activation="sigmoid")),
        lambda k, L: sequential(k, *conv(L, activation="sigmoid")),
    ),
    "softmax before flatten": (
        lambda k, L: sequential(k, L.Conv2D(4, 3), L.Softmax(), L.Flatten()),
        lambda k, L: sequential(k, L.Conv2D(4, 3), L.Flatten(), L.Softmax()),
    ),
    "shared or not": (shared, not_shared),
    "a concatenation has an order": (
        lambda k, L: concatenated(k, L, 1),
        lambda k, L: concatenated(k, L, -1),
    ),
    "another kernel": (
        lambda k, L: sequential(k, L.Conv2D(4, 3), L.Flatten()),
        lambda k, L: sequential(k, L.Conv2D(4, 5), L.Flatten()),
    ),
    "another padding": (
        lambda k, L: sequential(k, L.Conv2D(4, 3), L.Flatten()),
        lambda k, L: sequential(k, L.Conv2D(4, 3, padding="same"), L.Flatten()),
    ),
    "no bias": (
        lambda k, L: sequential(k, L.Flatten(), L.Dense(5)),
        lambda k, L: sequential(k, L.Flatten(), L.Dense(5, use_bias=False)),
    ),
    "relu is not leaky relu": (
        lambda k, L: sequential(k, *conv(L, L.ReLU())),
        lambda k, L: sequential(k, *conv(L, L.LeakyReLU())),
    ),
}


def _end(L):
    return (L.Flatten(), L.Dense(5))


def pooled(activation, pooling="MaxPooling2D"):
    return chains(
        lambda L: (L.Conv2D(4, 3), activation(L), getattr(L, pooling)(2), *_end(L)),
        lambda L: (L.Conv2D(4, 3), getattr(L, pooling)(2), activation(L), *_end(L)),
    )


def dropped(activation):
    return chains(
        lambda L: dense(L, L.Dropout(0.5), activation(L)), lambda L: dense(L, activation(L), L.Dropout(0.5))
    )


ORDER = {
    "silu does not commute with max pooling": pooled(lambda L: L.Activation("silu")),
    "mish does not commute with max pooling": pooled(lambda L: L.Activation("mish")),
    "hard_silu does not commute with max pooling": pooled(lambda L: L.Activation("hard_silu")),
    "softmax does not commute with max pooling": pooled(lambda L: L.Softmax()),
    "tanh does not commute with average pooling": pooled(lambda L: L.Activation("tanh"), "AveragePooling2D"),
    "batch normalization does not commute with max pooling": pooled(lambda L: L.BatchNormalization()),
    "batch normalization does not commute with relu": chains(
        lambda L: conv(L, L.BatchNormalization(), L.ReLU()), lambda L: conv(L, L.ReLU(), L.BatchNormalization())
    ),
    "dropout does not commute with average pooling": chains(
        lambda L: conv(L, L.Dropout(0.5), L.AveragePooling2D(2)), lambda L: conv(L, L.AveragePooling2D(2), L.Dropout(0.5))
    ),
    "dropout does not commute with global max pooling": chains(
        lambda L: (L.Conv2D(4, 3), L.Dropout(0.5), L.GlobalMaxPooling2D(), L.Dense(5)),
        lambda L: (L.Conv2D(4, 3), L.GlobalMaxPooling2D(), L.Dropout(0.5), L.Dense(5)),
    ),
    "dropout does not commute with elu": dropped(lambda L: L.ELU()),
    "dropout does not commute with relu6": dropped(lambda L: L.ReLU(1.0)),
    "dropout does not commute with softmax": dropped(lambda L: L.Softmax()),
    "dropout does not commute with a Dense": chains(
        lambda L: (L.Flatten(), L.Dropout(0.5), L.Dense(8), L.Dense(5)), lambda L: dense(L, L.Dropout(0.5))
    ),
    "noise does not commute with relu": chains(
        lambda L: dense(L, L.GaussianNoise(0.5), L.ReLU()), lambda L: dense(L, L.ReLU(), L.GaussianNoise(0.5))
    ),
    "channel dropout does not commute with flatten": chains(
        lambda L: conv(L, L.SpatialDropout2D(0.5)), lambda L: conv(L, L.Dropout(0.5))
    ),
    "relu before or after a Dense": chains(
        lambda L: (L.Flatten(), L.ReLU(), L.Dense(8), L.Dense(5)), lambda L: dense(L, L.ReLU())
    ),
    "two Dense swapped": chains(
        lambda L: (L.Flatten(), L.Dense(8), L.Dense(6), L.Dense(5)), lambda L: (L.Flatten(), L.Dense(6), L.Dense(8), L.Dense(5))
    ),
    "pooling before the convolution": chains(
        lambda L: (L.MaxPooling2D(), L.Conv2D(4, 3), *_end(L)), lambda L: (L.Conv2D(4, 3), L.MaxPooling2D(), *_end(L))
    ),
    "an activity regularizer before the activation": chains(
        lambda L: dense(L, activation="relu", activity_regularizer="l2"),
        lambda L: dense(L, L.ActivityRegularization(l2=0.01), L.ReLU()),
    ),
    "softmax along another axis": chains(
        lambda L: (L.Conv2D(4, 3), L.Softmax(axis=1)), lambda L: (L.Conv2D(4, 3), L.Softmax(axis=2))
    ),
}  # fmt: skip

OPTIONS = {
    "no relu": chains(lambda L: conv(L, L.ReLU()), conv),
    "relu6 is not relu": chains(
        lambda L: dense(L, L.Rescaling(20.0), L.ReLU(6.0)), lambda L: dense(L, L.Rescaling(20.0), L.ReLU())
    ),
    "another slope": chains(lambda L: conv(L, L.LeakyReLU()), lambda L: conv(L, activation="leaky_relu")),
    "another alpha": chains(lambda L: conv(L, L.ELU(alpha=0.5)), lambda L: conv(L, L.ELU())),
    "sigmoid is not softmax": chains(
        lambda L: (L.Flatten(), L.Dense(5, "sigmoid")), lambda L: (L.Flatten(), L.Dense(5, "softmax"))
    ),
    "a linear Dense more": chains(lambda L: dense(L, L.Dense(8)), dense),
    "more filters": chains(conv, lambda L: (L.Conv2D(5, 3), L.Flatten(), L.Dense(5))),
    "other strides": chains(lambda L: conv(L, strides=2), conv),
    "a dilated kernel": chains(
        lambda L: (L.Conv2D(4, 3, dilation_rate=2), L.GlobalMaxPooling2D()), lambda L: (L.Conv2D(4, 3), L.GlobalMaxPooling2D())
    ),
    "groups of channels": chains(
        lambda L: (L.Conv2D(4, 3), L.Conv2D(4, 3, groups=2)), lambda L: (L.Conv2D(4, 3), L.Conv2D(4, 3))
    ),
    "a causal kernel is padded on one side": chains(
        lambda L: (L.Conv1D(4, 3, padding="causal"),), lambda L: (L.Conv1D(4, 3, padding="same"),), (10, 3)
    ),
    "a larger pool": chains(
        lambda L: (L.MaxPooling2D(2), L.GlobalMaxPooling2D()), lambda L: (L.MaxPooling2D(5), L.GlobalMaxPooling2D()), (12, 12, 3)
    ),
    "a pool that moves by one": chains(
        lambda L: conv(L, L.MaxPooling2D(2, strides=1)), lambda L: conv(L, L.MaxPooling2D(2))
    ),
    "the mean for the maximum": chains(
        lambda L: conv(L, L.AveragePooling2D(2)), lambda L: conv(L, L.MaxPooling2D())
    ),
    "the mean of all for the maximum of all": chains(
        lambda L: (L.Conv2D(4, 3), L.GlobalAveragePooling2D()), lambda L: (L.Conv2D(4, 3), L.GlobalMaxPooling2D())
    ),
    "no batch normalization": chains(lambda L: conv(L, L.BatchNormalization()), conv),
    "batch normalization on the wrong axis": chains(
        lambda L: conv(L, L.BatchNormalization(axis=1)), lambda L: conv(L, L.BatchNormalization())
    ),
    "another rate": chains(lambda L: dense(L, L.Dropout(0.5)), lambda L: dense(L, L.Dropout(0.2))),
    "no dropout": chains(lambda L: dense(L, L.Dropout(0.5)), dense),
    "noise for dropout": chains(lambda L: dense(L, L.GaussianNoise(0.5)), lambda L: dense(L, L.Dropout(0.5))),
    "nothing flattened": chains(lambda L: (L.Conv2D(4, 3), L.Dense(5)), conv),
    "height and width exchanged": chains(lambda L: (L.Permute((2, 1, 3)), *conv(L)), conv),
    "another shape on the way": chains(lambda L: (L.Reshape((24, 6, 3)), *conv(L)), conv),
    "a larger picture": chains(lambda L: (L.UpSampling2D(), *conv(L)), conv),
    "a frozen Dense": chains(lambda L: (L.Flatten(), frozen(L.Dense(8)), L.Dense(5)), dense),
    "a regularizer of the weights": chains(lambda L: dense(L, kernel_regularizer="l2"), dense),
    "a regularizer of another strength": chains(
        lambda L: dense(L, L.ActivityRegularization(l2=0.1)), lambda L: dense(L, L.ActivityRegularization(l2=0.2))
    ),
}  # fmt: skip

DIFFERENT = {**FIRST, **ORDER, **OPTIONS}
