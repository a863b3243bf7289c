"""As the document prints it: a model at the top level."""

from keras.layers import MaxPooling2D
from keras.models import Sequential

model = Sequential()
model.add(MaxPooling2D(pool_size=2, strides=2, input_shape=(100, 100, 15)))
model.summary()
