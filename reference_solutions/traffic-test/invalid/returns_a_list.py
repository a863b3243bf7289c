"""bad_result: the function returns a list of layers, not a model."""

from keras import layers


def build_model():
    return [layers.Conv2D(32, 3), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(5)]
