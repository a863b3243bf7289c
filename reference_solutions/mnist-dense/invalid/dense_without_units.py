"""bad_code: Dense() does not say how many units."""

from keras.layers import Dense, Dropout
from keras.models import Sequential


def build_model():
    model = Sequential()
    model.add(Dense(512, activation="relu", input_shape=(784,)))
    model.add(Dropout(0.2))
    model.add(Dense(activation="relu"))
    return model
