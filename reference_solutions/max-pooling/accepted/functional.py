"""The same with Input and Model."""

import keras


def build_model():
    inputs = keras.Input(shape=(100, 100, 15))
    return keras.Model(inputs, keras.layers.MaxPooling2D()(inputs))
