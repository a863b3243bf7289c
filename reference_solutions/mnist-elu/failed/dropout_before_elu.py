"""layer_order: dropout before ELU, which is another network."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(128),
            layers.Dropout(0.2),
            layers.ELU(),
            layers.Dense(10, activation="softmax"),
        ]
    )
