"""layer_order: no hidden layer."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )
