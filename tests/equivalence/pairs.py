"""Pairs of models that are one architecture, and pairs that are not, as Keras code.

Each is a function of `keras` and `keras.layers`. The oracle copies the weights of the first of an equal pair into the
second: by the names of the layers where both have the same names, else by their order.
"""

from __future__ import annotations

PICTURE = (12, 12, 3)


def sequential(keras, *layers, shape=PICTURE):
    return keras.Sequential([keras.Input(shape), *layers])


def functional(keras, *layers, shape=PICTURE):
    tensor = start = keras.Input(shape)
    for layer in layers:
        tensor = layer(tensor)
    return keras.Model(start, tensor)


def _nested(keras, L):
    inside = keras.Sequential([L.Conv2D(4, 3), L.ReLU()])
    return sequential(keras, inside, L.Flatten(), L.Dense(5, "softmax"))


def _nested_functional(keras, L):
    start = keras.Input(PICTURE)
    inside = keras.Model(start, L.ReLU()(L.Conv2D(4, 3)(start)))
    outer = keras.Input(PICTURE)
    return keras.Model(outer, L.Dense(5, "softmax")(L.Flatten()(inside(outer))))


def _shared(keras, L):
    start = keras.Input((6,))
    dense = L.Dense(6, "relu")
    return keras.Model(start, L.Dense(2)(dense(dense(start))))


def _shared_split(keras, L):
    start = keras.Input((6,))
    dense, relu = L.Dense(6), L.ReLU()
    return keras.Model(start, L.Dense(2)(relu(dense(relu(dense(start))))))


def _not_shared(keras, L):
    start = keras.Input((6,))
    return keras.Model(start, L.Dense(2)(L.Dense(6, "relu")(L.Dense(6, "relu")(start))))


def _branches(keras, L, order):
    start = keras.Input((6,))
    left, right = L.Dense(4, "relu", name="left")(start), L.Dense(4, "tanh", name="right")(start)
    return keras.Model(start, L.Dense(2, name="last")(L.Add()([left, right][::order])))


def _plus(keras, L):
    start = keras.Input((6,))
    left, right = L.Dense(4, "relu", name="left")(start), L.Dense(4, "tanh", name="right")(start)
    return keras.Model(start, L.Dense(2, name="last")(left + right))


def _concatenated(keras, L, order):
    start = keras.Input((6,))
    left, right = L.Dense(4, "relu")(start), L.Dense(4, "tanh")(start)
    return keras.Model(start, L.Dense(2)(L.Concatenate()([left, right][::order])))


def _lazy(keras, L):
    return keras.Sequential([L.Flatten(), L.Dense(8, "relu"), L.Dense(5, "softmax")])


def _input_shape(keras, L):
    return keras.Sequential([L.Flatten(input_shape=PICTURE), L.Dense(8, "relu"), L.Dense(5, "softmax")])


def _input_layer(keras, L):
    return keras.Sequential(
        [L.InputLayer(shape=PICTURE), L.Flatten(), L.Dense(8, "relu"), L.Dense(5, "softmax")]
    )


def _plain(keras, L):
    return sequential(keras, L.Flatten(), L.Dense(8, "relu"), L.Dense(5, "softmax"))


def conv(L, *rest, **options):
    return (L.Conv2D(4, 3, **options), *rest, L.Flatten(), L.Dense(5))


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
    "nested sequential": (lambda k, L: sequential(k, *conv(L, L.ReLU()), L.Softmax()), _nested),
    "nested functional": (_nested, _nested_functional),
    "input_shape=": (_plain, _input_shape),
    "InputLayer": (_plain, _input_layer),
    "no input at all": (_plain, _lazy),
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
    "a shared layer": (_shared, _shared_split),
    "a sum has no order": (lambda k, L: _branches(k, L, 1), lambda k, L: _branches(k, L, -1)),
    "a + b is Add": (lambda k, L: _branches(k, L, 1), _plus),
}

DIFFERENT = {
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
    "shared or not": (_shared, _not_shared),
    "a concatenation has an order": (
        lambda k, L: _concatenated(k, L, 1),
        lambda k, L: _concatenated(k, L, -1),
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
