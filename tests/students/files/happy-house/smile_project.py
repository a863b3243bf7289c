"""Smile at the door! final project, run with: python smile_project.py --data faces/"""
import argparse
import logging
import os
import sys

import numpy as np
import keras
from keras import layers

log = logging.getLogger("smile")
logging.basicConfig(level=logging.INFO)


class SmileNet:
    """wraps everything so I dont have to pass 10 things around"""

    def __init__(self, input_shape, filters=(16,)):
        self.input_shape = input_shape
        self.filters = filters
        self.model = None

    def _block(self, x, n):
        x = layers.Conv2D(n, 5, strides=2, activation="relu")(x)
        return layers.MaxPooling2D()(x)

    def build(self):
        i = layers.Input(shape=self.input_shape)
        x = i
        for n in self.filters:
            x = self._block(x, n)
        x = layers.Flatten()(x)
        x = layers.Dropout(0.2)(x)
        out = layers.Dense(1, activation="sigmoid")(x)
        self.model = keras.Model(i, out)
        return self.model

    def train(self, x, y):
        self.model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        return self.model.fit(x, y, epochs=40, batch_size=16)


def HappyModel(*, input_shape):
    return SmileNet(input_shape).build()


def load(folder):
    import h5py
    f = h5py.File(os.path.join(folder, "faces.h5"), "r")
    return np.array(f["x"]), np.array(f["y"])


def main(argv=None):
    p = argparse.ArgumentParser()
    p.add_argument("--data", required=True)
    p.add_argument("--epochs", type=int, default=40)
    args = p.parse_args(argv)
    x, y = load(args.data)
    net = SmileNet((64, 64, 3))
    net.build()
    net.train(x, y)
    log.info("done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
