"""too_big: four thousand filters of 32 × 32 on every pixel."""

from keras import Sequential, layers


def HappyModel(input_shape):
    return Sequential(
        [
            layers.Input(input_shape),
            layers.Conv2D(4096, 32, padding="same"),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
