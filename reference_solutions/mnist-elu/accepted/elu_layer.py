"""ELU as a layer of its own, and softmax as another."""

from keras import Sequential, layers


def build_model():
    return Sequential(
        [
            layers.Input((28, 28)),
            layers.Reshape((784,)),
            layers.Dense(128),
            layers.ELU(),
            layers.Dropout(0.2),
            layers.Dense(10),
            layers.Softmax(),
        ]
    )
