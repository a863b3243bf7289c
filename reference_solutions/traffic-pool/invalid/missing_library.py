"""bad_code: a library that is not there."""

import tensorflow_addons as tfa
from keras import Sequential, layers


def build_model():
    return Sequential(
        [layers.Input((32, 32, 3)), layers.Flatten(), layers.Dense(5, activation=tfa.activations.mish)]
    )
