"""memory_limit: all pictures of the world are made at once."""

import numpy as np
from keras import Sequential, layers


def build_model():
    pictures = [np.ones((1024, 1024, 128)) for _ in range(64)]
    return Sequential([layers.Input((32, 32, 3)), layers.Flatten(), layers.Dense(len(pictures))])
