"""Two models in one: what looks, and what decides."""

from keras import Input, Model, Sequential
from keras.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D


def build_model():
    looks = Sequential([Input((32, 32, 3)), Conv2D(32, 3, activation="relu"), MaxPooling2D(), Flatten()])
    features = Input((7200,))
    hidden = Dense(128, activation="relu")(Dropout(0.5)(features))
    decides = Model(features, Dense(5, activation="softmax")(hidden))
    pictures = Input((32, 32, 3))
    return Model(pictures, decides(looks(pictures)))
