"""layer_order: the dropouts went to another model, as in the document's listing."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((2,)),
            layers.Dense(16, activation="tanh"),
            layers.Dense(8, activation="relu"),
            layers.Dense(2, activation="softmax"),
        ]
    )
