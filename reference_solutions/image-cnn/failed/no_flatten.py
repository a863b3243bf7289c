"""classes: without Flatten the Dense layers work on every place by itself."""

from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D
from keras.models import Sequential


def build_model():
    model = Sequential()
    model.add(Conv2D(filters=16, kernel_size=2, padding="same", activation="relu", input_shape=(32, 32, 3)))
    model.add(MaxPooling2D(pool_size=2))
    model.add(Conv2D(filters=32, kernel_size=2, padding="same", activation="relu"))
    model.add(MaxPooling2D(pool_size=2))
    model.add(Conv2D(filters=64, kernel_size=2, padding="same", activation="relu"))
    model.add(MaxPooling2D(pool_size=2))
    model.add(Dense(500, activation="relu"))
    model.add(Dense(10, activation="softmax"))
    return model
