"""The outputs collected one by one."""

import keras
from keras import layers


def build_extractor():
    inputs = keras.Input((64, 64, 3))
    outputs = []
    x = inputs
    for layer in (
        layers.Conv2D(16, (5, 5), strides=(2, 2), activation="relu"),
        layers.MaxPool2D(),
        layers.Conv2D(32, (3, 3), activation="relu"),
        layers.GlobalMaxPool2D(),
        layers.Dense(10),
    ):
        x = layer(x)
        outputs.append(x)
    return keras.Model(inputs, outputs)
