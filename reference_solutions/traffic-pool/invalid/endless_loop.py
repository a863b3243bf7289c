"""time_limit: the loop never ends, since nothing in it changes the count."""

from keras import Sequential, layers


def build_model():
    model = Sequential([layers.Input((32, 32, 3))])
    count = 0
    while count < 5:
        width = 128
    model.add(layers.Dense(width))
    return model
