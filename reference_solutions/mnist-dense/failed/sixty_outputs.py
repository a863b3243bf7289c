"""layer_settings: 60 outputs; a slip of the finger."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((784,)),
            layers.Dense(512, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(512, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(60, activation="softmax"),
        ]
    )
