"""layer_order: the function returns the model before its last Dense."""

from keras import Input, Model
from keras.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D


def build_model():
    pictures = Input((32, 32, 3))
    x = MaxPooling2D()(Conv2D(32, 3, activation="relu")(pictures))
    x = Flatten()(Dropout(0.5)(x))
    x = Dense(128, activation="relu")(x)
    return Model(pictures, x)
