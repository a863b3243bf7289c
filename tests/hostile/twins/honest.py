"""passed: the network that is asked for."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [layers.Input((2,)), layers.Dense(16, activation="tanh"), layers.Dense(2, activation="softmax")]
    )
