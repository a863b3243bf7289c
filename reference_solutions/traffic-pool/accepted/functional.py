"""The functional way, ReLU only after the pooling."""

from keras import Input, Model
from keras.layers import Activation, Conv2D, Dense, Flatten, MaxPooling2D


def build_model():
    pictures = Input((32, 32, 3))
    x = MaxPooling2D()(Conv2D(32, 3)(pictures))
    x = Flatten()(Activation("relu")(x))
    x = Dense(128, activation="relu")(x)
    return Model(inputs=pictures, outputs=Dense(5, activation="softmax")(x))
