"""only_pooling: the average in place of the maximum."""

from keras.layers import AveragePooling2D
from keras.models import Sequential


def build_model():
    model = Sequential()
    model.add(AveragePooling2D(pool_size=2, strides=2, input_shape=(100, 100, 15)))
    return model
