from keras.models import Sequential
from keras.layers import MaxPooling2D
# pool with window 2, stride 1 (?)
model = Sequential()
model.add(MaxPooling2D(pool_size=2, strides=1, input_shape=(100, 100, 15)))
model.summary()
