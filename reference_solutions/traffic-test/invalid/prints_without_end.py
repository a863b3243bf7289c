"""output_limit: a progress line in a loop that never ends."""

from keras import Sequential, layers


def build_model():
    model = Sequential([layers.Input((32, 32, 3)), layers.Flatten(), layers.Dense(5)])
    while not getattr(model, "finished", False):
        print("still training, please wait " * 200)
    return model
