"""output_shape: without Flatten the last Dense answers for every pixel."""

from keras import Sequential, layers


def HappyModel(input_shape):
    return Sequential(
        [
            layers.Input(input_shape),
            layers.Conv2D(8, 3, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
