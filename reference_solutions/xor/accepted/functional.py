"""A function in the functional way, with dropout before ReLU."""

from keras import Input, Model
from keras.layers import Activation, Dense, Dropout


def build_model():
    points = Input((2,))
    x = Dropout(0.3)(Activation("tanh")(Dense(16)(points)))
    x = Activation("relu")(Dropout(0.3)(Dense(8)(x)))
    return Model(points, Dense(2, activation="softmax")(x))
