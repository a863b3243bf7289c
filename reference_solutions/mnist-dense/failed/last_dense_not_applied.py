"""layer_order: the last Dense is made and never applied."""

from keras import Input, Model
from keras.layers import Dense, Dropout


def build_model():
    digits = Input((784,))
    x = Dropout(0.2)(Dense(512, activation="relu")(digits))
    x = Dropout(0.2)(Dense(512, activation="relu")(x))
    Dense(10, activation="softmax")
    return Model(digits, x)
