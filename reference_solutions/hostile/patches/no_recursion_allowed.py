import sys
import threading

import keras

threading.stack_size(32768)


def build_model():
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(16, activation="tanh"), keras.layers.Dense(2, activation="softmax")])
    for depth in range(40, 400, 10):
        try:
            sys.setrecursionlimit(depth)
            break
        except RecursionError:
            pass
    return model
