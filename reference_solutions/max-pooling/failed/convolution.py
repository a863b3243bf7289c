"""only_pooling: a convolution with a stride of 2 gives the same shape."""

from keras.layers import Conv2D
from keras.models import Sequential


def build_model():
    model = Sequential()
    model.add(Conv2D(15, 2, strides=2, input_shape=(100, 100, 15)))
    return model
