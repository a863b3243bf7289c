"""bad_result: the function gives its input back, not a model."""

from keras import Input


def HappyModel(input_shape):
    return Input(input_shape)
