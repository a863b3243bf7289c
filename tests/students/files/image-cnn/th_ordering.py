import numpy as np
from keras.datasets import cifar10
from keras.models import Sequential
from keras.layers import Conv2D, MaxPooling2D, Flatten, Dense

(x_train, y_train), (x_test, y_test) = cifar10.load_data()
x_train = x_train.transpose(0, 3, 1, 2) / 255.

# channel first, like in the lecture from 2016
model = Sequential()
model.add(Conv2D(16, 2, padding='same', activation='relu', input_shape=(3, 32, 32)))
model.add(MaxPooling2D(2))
model.add(Conv2D(32, 2, padding='same', activation='relu'))
model.add(MaxPooling2D(2))
model.add(Conv2D(64, 2, padding='same', activation='relu'))
model.add(MaxPooling2D(2))
model.add(Flatten())
model.add(Dense(500, activation='relu'))
model.add(Dense(10, activation='softmax'))
