"""bad_result: the function wants an argument that the assignment does not give."""

from keras import Sequential, layers


def build_model(classes):
    return Sequential([layers.Input((32, 32, 3)), layers.Flatten(), layers.Dense(classes)])
