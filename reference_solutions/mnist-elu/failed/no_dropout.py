"""layer_order: the dropout is missing."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(128, activation="elu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
