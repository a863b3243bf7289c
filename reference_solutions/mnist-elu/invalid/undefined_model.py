"""bad_code: the list is never given a name, so there is no model to return."""

from keras import Sequential, layers


def build_model():
    Sequential(
        [
            layers.Flatten(input_shape=(28, 28)),
            layers.Dense(128, activation="elu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    return model
