"""answer: softmax over one number is always 1."""

from keras import Sequential, layers


def HappyModel(input_shape):
    return Sequential([layers.Input(input_shape), layers.Flatten(), layers.Dense(1, activation="softmax")])
