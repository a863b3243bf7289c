import keras


class Dense(keras.layers.Dense):
    def get_config(self):
        return {"units": 16, "activation": "tanh"}


Dense.__module__ = "keras.src.layers.core.dense"
Dense.__qualname__ = "Dense"


def build_model():
    return keras.Sequential([keras.layers.Input((2,)), Dense(1), keras.layers.Dense(2, activation="softmax")])
