import keras
from keras.models import Sequential
from keras.layers import Dense, Flatten, conv2D, MaxPooling2D

model = Sequential()
model.add(conv2D(16, 2, padding='same', activation='relu', input_shape=(32, 32, 3)))
model.add(MaxPooling2D(2))
model.add(Flatten())
model.add(Dense(500, activation='relu'))
model.add(Dense(10, activation='softmax'))
