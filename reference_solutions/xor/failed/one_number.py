"""input_shape: one number goes in instead of two."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((1,)),
            layers.Dense(16, activation="tanh"),
            layers.Dropout(0.3),
            layers.Dense(8, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(2, activation="softmax"),
        ]
    )
