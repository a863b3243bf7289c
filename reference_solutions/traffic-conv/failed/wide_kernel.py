"""layer_settings: a kernel of 5 × 5."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((32, 32, 3)),
            layers.Conv2D(32, (5, 5), activation="relu"),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(5, activation="softmax"),
        ]
    )
