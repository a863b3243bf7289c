"""layer_order: the second hidden layer is missing."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((784,)),
            layers.Dense(512, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(10, activation="softmax"),
        ]
    )
