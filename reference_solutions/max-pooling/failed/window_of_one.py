"""window: pool_size=1, as the document's text says, picks every second number."""

from keras.layers import MaxPooling2D
from keras.models import Sequential


def build_model():
    model = Sequential()
    model.add(MaxPooling2D(pool_size=1, strides=2, input_shape=(100, 100, 15)))
    return model
