"""accurate: a bias far below zero keeps every ReLU shut."""

from keras import Sequential, initializers, layers


def build_model():
    return Sequential(
        [
            layers.Input((784,)),
            layers.Dense(512, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(512, activation="relu", bias_initializer=initializers.Constant(-100.0)),
            layers.Dropout(0.2),
            layers.Dense(10, activation="softmax"),
        ]
    )
