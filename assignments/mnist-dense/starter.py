"""MNIST: a fully connected network. Fill in `build_model` and hand in this file."""

import keras


def build_model():
    """Build two hidden layers of 512 with dropout.

    Takes the shape (784,) and returns a keras model. Do not compile or fit it: that is done for you.
    """
    model = keras.Sequential()
    model.add(keras.Input((784,)))
    # Add the layers here, in their order: model.add(keras.layers.Dense(...)) and so on.
    return model
