"""bad_code: a comma is missing between two layers."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Flatten(input_shape=(28, 28)),
            layers.Dense(128, activation="elu")
            layers.Dropout(0.2),
            layers.Dense(10, activation="softmax"),
        ]
    )
