"""As the document prints it: one activation layer after each Dense."""

from keras.layers import Activation, Dense, Flatten
from keras.models import Sequential


def build_model():
    model = Sequential()
    model.add(Flatten(input_shape=(32, 32, 3)))
    model.add(Dense(128))
    model.add(Activation("relu"))
    model.add(Dense(5))
    model.add(Activation("softmax"))
    return model
