"""answer: the last Dense has no sigmoid, so that its number is no probability."""

from keras import Sequential, layers


def HappyModel(input_shape):
    return Sequential(
        [layers.Input(input_shape), layers.Conv2D(8, 3, activation="relu"), layers.Flatten(), layers.Dense(1)]
    )
