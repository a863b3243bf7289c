import itertools

import keras


class Endless(list):
    __iter__ = lambda self: itertools.count()
    __len__ = lambda self: 3


def build_model():
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(2, activation="softmax")])
    model._layers = Endless()
    model._functional._operations = Endless()
    return model
