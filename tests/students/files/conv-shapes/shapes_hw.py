# coding=utf-8
"""Homework: what shape comes out? Functions as asked, then I check by hand."""
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
import mymath


def downsampler():
    model = keras.Sequential()
    model.add(keras.Input(shape=(250, 250, 3)))
    model.add(layers.Conv2D(32, 5, strides=2, activation="relu"))
    model.add(layers.Conv2D(32, 3, activation="relu"))
    model.add(layers.MaxPooling2D(3))
    # Can you guess what the current output shape is at this point? Probably not.
    model.summary()
    model.add(layers.Conv2D(32, 3, activation="relu"))
    model.add(layers.Conv2D(32, 3, activation="relu"))
    model.add(layers.MaxPooling2D(3))
    model.add(layers.Conv2D(32, 3, activation="relu"))
    model.add(layers.Conv2D(32, 3, activation="relu"))
    model.add(layers.MaxPooling2D(2))
    model.summary()
    # Now that we have 4x4 feature maps, time to apply global max pooling.
    model.add(layers.GlobalMaxPooling2D())
    model.add(layers.Dense(10))
    return model


def three_convolutions():
    m = keras.models.Sequential()
    m.add(layers.Conv2D(16, 2, 2, activation="relu", input_shape=(200, 200, 1)))
    m.add(layers.Conv2D(32, 3, padding="same", activation="relu"))
    m.add(layers.Conv2D(64, 2, activation="relu"))
    return m


def out(n, k, s=1, p=0):
    return (n - k + 2 * p) // s + 1


model = downsampler()
assert model.output_shape == (None, 10)
print("by hand:", out(250, 5, 2), out(123, 3), mymath.floor(121 / 3))
x = tf.ones((1, 250, 250, 3))
print(model(x).shape)
three_convolutions().layers[7]
