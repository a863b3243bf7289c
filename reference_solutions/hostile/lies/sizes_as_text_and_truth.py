import keras

import numpy


def build_model():
    for units in ("16", 16.0, True, 16 + 0j, numpy.array([16]), [16], numpy.float64("inf"), b"16", -16):
        try:
            return keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(units), keras.layers.Dense(2, activation="softmax")])
        except Exception:
            pass
