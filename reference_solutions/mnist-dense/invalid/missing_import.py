"""bad_code: Dropout is used but not imported."""

from keras.layers import Dense
from keras.models import Sequential


def build_model():
    model = Sequential()
    model.add(Dense(512, activation="relu", input_shape=(784,)))
    model.add(Dropout(0.2))
    model.add(Dense(10, activation="softmax"))
    return model
