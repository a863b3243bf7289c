"""Pairs that are one architecture: the first that were thought of, from the course's own exercises."""

from __future__ import annotations

from tests.equivalence.spelling import (
    branches,
    conv,
    functional,
    input_layer,
    lazy,
    nested,
    nested_functional,
    plain,
    plus,
    sequential,
    shared,
    shared_split,
    with_input_shape,
)

EQUAL = {
    "activation= or a layer": (
        lambda k, L: sequential(
            k, L.Flatten(), L.Dense(8, activation="relu"), L.Dense(5, activation="softmax")
        ),
        lambda k, L: sequential(k, L.Flatten(), L.Dense(8), L.Activation("relu"), L.Dense(5), L.Softmax()),
    ),
    "sequential or functional": (
        lambda k, L: sequential(k, *conv(L, L.ReLU())),
        lambda k, L: functional(k, *conv(L, L.ReLU())),
    ),
    "nested sequential": (lambda k, L: sequential(k, *conv(L, L.ReLU()), L.Softmax()), nested),
    "nested functional": (nested, nested_functional),
    "input_shape=": (plain, with_input_shape),
    "InputLayer": (plain, input_layer),
    "no input at all": (plain, lazy),
    "relu before or after max pooling": (
        lambda k, L: sequential(k, *conv(L, L.ReLU(), L.MaxPooling2D())),
        lambda k, L: sequential(k, *conv(L, L.MaxPooling2D(), L.ReLU())),
    ),
    "relu in the convolution, then pooling": (
        lambda k, L: sequential(k, *conv(L, L.MaxPooling2D(), activation="relu")),
        lambda k, L: sequential(k, *conv(L, L.MaxPooling2D(), L.Activation("relu"))),
    ),
    "relu twice": (
        lambda k, L: sequential(k, *conv(L, L.Activation("relu"), activation="relu")),
        lambda k, L: sequential(k, *conv(L, L.ReLU())),
    ),
    "relu before and after pooling": (
        lambda k, L: sequential(k, *conv(L, L.MaxPooling2D(), L.ReLU(), activation="relu")),
        lambda k, L: sequential(k, *conv(L, L.MaxPooling2D(), L.ReLU())),
    ),
    "dropout before or after relu": (
        lambda k, L: sequential(k, *conv(L, L.Dropout(0.5), L.ReLU())),
        lambda k, L: sequential(k, *conv(L, L.ReLU(), L.Dropout(0.5))),
    ),
    "dropout before or after flatten": (
        lambda k, L: sequential(k, L.Conv2D(4, 3), L.Dropout(0.5), L.Flatten(), L.Dense(5)),
        lambda k, L: sequential(k, L.Conv2D(4, 3), L.Flatten(), L.Dropout(0.5), L.Dense(5)),
    ),
    "everything between pool and dense": (
        lambda k, L: sequential(
            k, L.Conv2D(4, 3), L.MaxPooling2D(), L.Dropout(0.5), L.ReLU(), L.Flatten(), L.Dense(5)
        ),
        lambda k, L: sequential(
            k, L.Conv2D(4, 3, activation="relu"), L.MaxPooling2D(), L.Flatten(), L.Dropout(0.5), L.Dense(5)
        ),
    ),
    "sigmoid and max pooling": (
        lambda k, L: sequential(k, *conv(L, L.Activation("sigmoid"), L.MaxPooling2D())),
        lambda k, L: sequential(k, *conv(L, L.MaxPooling2D(), L.Activation("sigmoid"))),
    ),
    "padding that pads nothing": (
        lambda k, L: sequential(k, *conv(L, L.MaxPooling2D(2, padding="same"))),
        lambda k, L: sequential(k, *conv(L, L.MaxPooling2D(2))),
    ),
    "a mean over padding that pads nothing": (
        lambda k, L: sequential(k, *conv(L, L.AveragePooling2D(5, padding="same"))),
        lambda k, L: sequential(k, *conv(L, L.AveragePooling2D(5))),
    ),
    "leaky relu and padded pooling": (
        lambda k, L: sequential(
            k, *conv(L, L.LeakyReLU(negative_slope=0.1), L.MaxPooling2D(3, padding="same"))
        ),
        lambda k, L: sequential(
            k, *conv(L, L.MaxPooling2D(3, padding="same"), L.LeakyReLU(negative_slope=0.1))
        ),
    ),
    "relu and global max pooling": (
        lambda k, L: sequential(k, L.Conv2D(4, 3, activation="relu"), L.GlobalMaxPooling2D(), L.Dense(5)),
        lambda k, L: sequential(k, L.Conv2D(4, 3), L.GlobalMaxPooling2D(), L.ReLU(), L.Dense(5)),
    ),
    "activation before or after flatten": (
        lambda k, L: sequential(k, L.Conv2D(4, 3), L.Activation("tanh"), L.Flatten(), L.Dense(5)),
        lambda k, L: sequential(k, L.Conv2D(4, 3), L.Flatten(), L.Activation("tanh"), L.Dense(5)),
    ),
    "the activation by its function": (
        lambda k, L: sequential(k, *conv(L, activation=k.activations.elu)),
        lambda k, L: sequential(k, *conv(L, L.ELU())),
    ),
    "leaky_relu by name": (
        lambda k, L: sequential(k, *conv(L, activation="leaky_relu")),
        lambda k, L: sequential(k, *conv(L, L.LeakyReLU(negative_slope=0.2))),
    ),
    "reshape to one axis is flatten": (
        lambda k, L: sequential(k, L.Conv2D(4, 3), L.Reshape((-1,)), L.Dense(5)),
        lambda k, L: sequential(k, L.Conv2D(4, 3), L.Flatten(), L.Dense(5)),
    ),
    "a second flatten": (
        lambda k, L: sequential(k, L.Flatten(), L.Flatten(), L.Dense(5)),
        lambda k, L: sequential(k, L.Flatten(), L.Dense(5)),
    ),
    "linear, identity, rate 0": (
        lambda k, L: sequential(
            k, L.Flatten(), L.Dense(8, "linear"), L.Identity(), L.Dropout(0.0), L.Dense(5)
        ),
        lambda k, L: sequential(k, L.Flatten(), L.Dense(8), L.Dense(5)),
    ),
    "axis 3 is axis -1": (
        lambda k, L: sequential(k, *conv(L, L.BatchNormalization(axis=3))),
        lambda k, L: sequential(k, *conv(L, L.BatchNormalization())),
    ),
    "defaults spelled out": (
        lambda k, L: sequential(k, *conv(L, L.MaxPooling2D((2, 2), strides=None, padding="valid"))),
        lambda k, L: sequential(k, *conv(L, L.MaxPooling2D(2, strides=2))),
    ),
    "padding spelled three ways": (
        lambda k, L: sequential(k, L.ZeroPadding2D(2), L.Conv2D(4, 3), L.Flatten(), L.Dense(5)),
        lambda k, L: sequential(
            k, L.ZeroPadding2D(((2, 2), (2, 2))), L.Conv2D(4, (3, 3)), L.Flatten(), L.Dense(5)
        ),
    ),
    "a shared layer": (shared, shared_split),
    "a sum has no order": (lambda k, L: branches(k, L, 1), lambda k, L: branches(k, L, -1)),
    "a + b is Add": (lambda k, L: branches(k, L, 1), plus),
}
