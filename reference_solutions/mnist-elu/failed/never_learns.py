"""accurate: a bias far below zero keeps every ELU at -1, where its slope is zero."""

from keras import Sequential, initializers, layers


def build_model():
    return Sequential(
        [
            layers.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(128, activation="elu", bias_initializer=initializers.Constant(-100.0)),
            layers.Dropout(0.2),
            layers.Dense(10, activation="softmax"),
        ]
    )
