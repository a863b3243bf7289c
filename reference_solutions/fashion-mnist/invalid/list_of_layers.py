"""bad_result: a list of layers is not a model yet."""

from keras import layers


def build_model():
    return [layers.Flatten(input_shape=(28, 28)), layers.Dense(128, activation="relu"), layers.Dense(10)]
