import os

import keras


class Boom:
    def __reduce__(self):
        return os.system, ("echo pickled",)

    def __deepcopy__(self, memo):
        return self


def build_model():
    layer = keras.layers.Dense(16, activation="tanh")
    layer.get_config = lambda: {"units": 16, "activation": Boom(), "kernel_initializer": Boom()}
    return keras.Sequential([keras.layers.Input((2,)), layer, keras.layers.Dense(2, activation="softmax")])
