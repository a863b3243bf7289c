"""base_order: the second convolution has no ReLU."""

import keras
from keras import layers


def build_extractor():
    base = keras.Sequential(
        [
            keras.Input((64, 64, 3)),
            layers.Conv2D(16, 5, strides=2, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(32, 3),
            layers.GlobalMaxPooling2D(),
            layers.Dense(10),
        ]
    )
    return keras.Model(inputs=base.inputs, outputs=[layer.output for layer in base.layers])
