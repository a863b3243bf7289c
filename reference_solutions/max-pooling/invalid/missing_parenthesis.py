"""bad_code: a parenthesis is not closed."""

from keras.layers import MaxPooling2D
from keras.models import Sequential


def build_model():
    model = Sequential()
    model.add(MaxPooling2D(pool_size=2, strides=2, input_shape=(100, 100, 15))
    return model
