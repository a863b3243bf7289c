"""Functional, with the activations as layers of their own, pooling before the ReLU."""

from keras import Input, Model, layers


def build_model():
    pictures = Input((32, 32, 3))
    x = pictures
    for filters in (16, 32, 64):
        x = layers.Conv2D(filters, (2, 2), padding="same")(x)
        x = layers.MaxPooling2D()(x)
        x = layers.ReLU()(x)
    x = layers.Flatten()(x)
    x = layers.Activation("relu")(layers.Dense(500)(x))
    return Model(pictures, layers.Softmax()(layers.Dense(10)(x)))
