"""layer_settings: one output instead of one for each class."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((2,)),
            layers.Dense(16, activation="tanh"),
            layers.Dropout(0.3),
            layers.Dense(8, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(1, activation="softmax"),
        ]
    )
