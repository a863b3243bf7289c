"""No border is left over, so both paddings do the same."""

from keras.layers import MaxPooling2D
from keras.models import Sequential


def build_model():
    model = Sequential()
    model.add(MaxPooling2D((2, 2), padding="same", input_shape=(100, 100, 15)))
    return model
