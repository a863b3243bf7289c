"""Functional, in loops."""

from keras import Input, Model
from keras.layers import Activation, Conv2D, Dense, GlobalMaxPooling2D, MaxPooling2D


def downsampler():
    pictures = Input((250, 250, 3))
    x = pictures
    for first, window in (((5, 2), 3), ((3, 1), 3), ((3, 1), 2)):
        size, stride = first
        x = Conv2D(32, (size, size), strides=stride, activation="relu")(x)
        x = Activation("relu")(Conv2D(32, (3, 3))(x))
        x = MaxPooling2D((window, window))(x)
    return Model(pictures, Dense(10)(GlobalMaxPooling2D()(x)))


def three_convolutions():
    pictures = Input((200, 200, 1))
    x = Conv2D(16, 2, strides=2, padding="valid", activation="relu")(pictures)
    x = Conv2D(32, 3, padding="same", activation="relu")(x)
    return Model(pictures, Conv2D(64, 2, activation="relu")(x))
