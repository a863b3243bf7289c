"""accurate: a bias far below zero keeps every ReLU shut."""

from keras import Sequential, initializers, layers


def build_model():
    return Sequential(
        [
            layers.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(128, activation="relu", bias_initializer=initializers.Constant(-100.0)),
            layers.Dense(10),
        ]
    )
