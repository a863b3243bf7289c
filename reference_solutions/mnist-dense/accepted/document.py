"""As the document prints it, with `add` and an input shape in the first layer."""

from keras.layers import Dense, Dropout
from keras.models import Sequential

num_classes = 10


def build_model():
    model = Sequential()
    model.add(Dense(512, activation="relu", input_shape=(784,)))
    model.add(Dropout(0.2))
    model.add(Dense(512, activation="relu"))
    model.add(Dropout(0.2))
    model.add(Dense(num_classes, activation="softmax"))
    return model
