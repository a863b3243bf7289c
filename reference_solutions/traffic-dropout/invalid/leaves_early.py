"""bad_result: the program leaves before it returns a model."""

import sys

from keras import Sequential, layers


def build_model():
    model = Sequential([layers.Input((32, 32, 3)), layers.Flatten(), layers.Dense(5)])
    model.summary()
    sys.exit(0)
