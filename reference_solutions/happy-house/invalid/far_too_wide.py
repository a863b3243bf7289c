"""too_big: Dense straight on every pixel, with a million units."""

from keras import Sequential, layers


def HappyModel(input_shape):
    return Sequential([layers.Input(input_shape), layers.Conv2D(4096, 32, padding="same"), layers.Flatten(), layers.Dense(1, activation="sigmoid")])
