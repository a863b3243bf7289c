import keras
import numpy as np


def build_model():
    return keras.Sequential(
        [
            keras.layers.Input((2,)),
            keras.layers.Dense(16, activation="tanh", kernel_initializer=keras.initializers.Constant(np.ones((2, 16)) * 3)),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
