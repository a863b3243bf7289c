"""bad_result: returns what pop gives, which is the layer."""

import keras
from keras import layers


def three():
    return [layers.Dense(2, activation="relu"), layers.Dense(3, activation="relu"), layers.Dense(4)]


def from_list():
    return keras.Sequential(three())


def with_add():
    model = keras.Sequential()
    model.add(layers.Dense(2, activation="relu"))
    model.add(layers.Dense(3, activation="relu"))
    model.add(layers.Dense(4))
    return model


def popped():
    model = with_add()
    return model.pop()


def named():
    model = keras.Sequential(name="my_sequential")
    model.add(layers.Dense(2, activation="relu", name="layer1"))
    model.add(layers.Dense(3, activation="relu", name="layer2"))
    model.add(layers.Dense(4, name="layer3"))
    return model


def unbuilt():
    return keras.Sequential(three())
