"""bad_code: a parenthesis is missing."""

from keras import Sequential, layers


def build_model():
    model = Sequential()
    model.add(layers.Flatten(input_shape=(32, 32, 3))
    model.add(layers.Dense(128, activation="relu"))
    model.add(layers.Dense(5, activation="softmax"))
    return model
