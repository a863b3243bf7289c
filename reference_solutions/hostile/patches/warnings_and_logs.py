import logging
import os
import warnings

import keras


class Handler(logging.Handler):
    def emit(self, record):
        os.write(3, b"{}")


logging.getLogger().addHandler(Handler())
logging.getLogger("tensorflow").addHandler(Handler())
warnings.showwarning = lambda *_, **__: os.write(3, b"{}")
warnings.simplefilter("error")


def build_model():
    return keras.Sequential(
        [
            keras.layers.Input((2,)),
            keras.layers.Dense(16, activation="tanh"),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
