"""Keras: Sequential models. Complete the functions and hand in this file."""

import keras
from keras import layers


def from_list():
    """Give all three layers to Sequential in one list."""
    return keras.Sequential([layers.Dense(2, activation="relu")])


def with_add():
    """Add the three layers one by one."""
    model = keras.Sequential()
    model.add(layers.Dense(2, activation="relu"))
    return model


def popped():
    """Build the three layers, then take the last one away with pop()."""
    return with_add()


def named():
    """Build the three layers with names, in a model with a name."""
    return with_add()


def unbuilt():
    """Build the three layers, but leave the input open."""
    return with_add()
