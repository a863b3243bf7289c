"""accurate: every weight starts at zero, so that all hidden units stay at zero and only the last bias learns."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((32, 32, 3)),
            layers.Flatten(),
            layers.Dense(128, activation="relu", kernel_initializer="zeros"),
            layers.Dense(5, activation="softmax", kernel_initializer="zeros"),
        ]
    )
