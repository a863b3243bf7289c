"""bad_code: Flaten is not how Keras spells it."""

from tensorflow import keras


def build_model():
    return keras.Sequential([keras.layers.Flaten(input_shape=(28, 28)), keras.layers.Dense(10)])
