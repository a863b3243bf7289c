"""bad_code: an activation that Keras does not know."""

from keras import Sequential, layers


def build_model():
    return Sequential([layers.Flatten(input_shape=(28, 28)), layers.Dense(128, activation="Elu1")])
