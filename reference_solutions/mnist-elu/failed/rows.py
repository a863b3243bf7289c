"""input_shape: the digits are taken as rows of 784 numbers."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((784,)),
            layers.Dense(128, activation="elu"),
            layers.Dropout(0.2),
            layers.Dense(10, activation="softmax"),
        ]
    )
