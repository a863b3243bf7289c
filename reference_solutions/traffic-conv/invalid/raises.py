"""bad_code: the function divides by zero."""

from keras import Sequential, layers


def build_model():
    filters = 32 // (3 - 3)
    return Sequential(
        [layers.Input((32, 32, 3)), layers.Conv2D(filters, 3), layers.Flatten(), layers.Dense(5)]
    )
