"""A variable feature_extractor; the input is among the outputs, since a functional model counts it as a layer."""

import keras
from keras import layers

inputs = keras.Input((64, 64, 3))
x = layers.Conv2D(16, 5, strides=2, activation="relu")(inputs)
x = layers.MaxPooling2D(2)(x)
x = layers.Conv2D(32, 3, activation="relu")(x)
x = layers.GlobalMaxPooling2D()(x)
base = keras.Model(inputs, layers.Dense(10)(x))

feature_extractor = keras.Model(inputs=base.inputs, outputs=[layer.output for layer in base.layers])
