"""layer_settings: the hidden layer is frozen."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(128, activation="relu", trainable=False),
            layers.Dense(10),
        ]
    )
