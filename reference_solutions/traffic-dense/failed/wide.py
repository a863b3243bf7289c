"""layer_settings: the hidden layer has 256 units."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((32, 32, 3)),
            layers.Flatten(),
            layers.Dense(256, activation="relu"),
            layers.Dense(5, activation="softmax"),
        ]
    )
